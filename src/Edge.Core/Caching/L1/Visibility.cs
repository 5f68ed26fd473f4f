using System.Runtime.CompilerServices;

// The replay tool in bench/ runs this cache beside other policies; nothing else of the library concerns it.
[assembly: InternalsVisibleTo("Edge.Replay")]
