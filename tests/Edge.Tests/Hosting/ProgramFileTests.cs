using Edge.Hosting;

namespace Edge.Tests.Hosting;

public sealed class ProgramFileTests
{
    const string Code = "5581a0000000-5581a0003000 r-xp 0002a000 fe:01 1234                       /app/edge";

    static readonly (nint, nint) CodePart = (unchecked((nint)0x5581a0000000), 0x3000);

    [Fact]
    public void What_nobody_can_write_to_and_nobody_has_changed_can_be_read_again() =>
        Assert.Equal([CodePart, (unchecked((nint)0x7f0000000000), 0x1000)], Clean(
            Mapping(Code), Mapping("7f0000000000-7f0000001000 r--p 00000000 fe:01 99 /app/edge")));

    [Theory]
    [InlineData("5581a0000000-5581a0003000 rw-p 0002a000 fe:01 1234 /app/edge")]
    [InlineData("5581a0000000-5581a0003000 r--s 0002a000 fe:01 1234 /dev/shm/other")]
    [InlineData("5581a0000000-5581a0003000 r--p 00000000 00:00 0")]
    [InlineData("7fff5b5fe000-7fff5b600000 r-xp 00000000 00:00 0                          [vdso]")]
    [InlineData("5581a0000000-5581a0003000 r-xp 0002a000 fe:01 1234 /usr/lib/libssl.so.3")]
    [InlineData("5581a0000000-5581a0003000 r-xp 0002a000 fe:01 1234 /app/edge (deleted)")]
    [InlineData("nonsense")]
    [InlineData("a")]
    [InlineData("")]
    public void What_is_another_file_or_none_or_can_be_written_is_left(string head) => Assert.Equal([CodePart], Clean(Mapping(head), Mapping(Code)));

    [Theory]
    [InlineData("4 kB", "0 kB")]
    [InlineData("0 kB", "4 kB")]
    public void What_was_changed_is_left_even_where_it_was_swapped_out(string anonymous, string swap) =>
        Assert.Equal([CodePart], Clean(Mapping("5581b0000000-5581b0003000 r--p 0002a000 fe:01 1234 /app/edge", anonymous, swap), Mapping(Code)));

    [Fact]
    public void Where_the_kernel_does_not_tell_nothing_is_taken_for_clean()
    {
        Assert.Empty(Clean([Code, "Rss: 12 kB"]));
        Assert.Empty(Clean([Code, "Rss: 12 kB", "Swap: 0 kB"]));
        Assert.Empty(Clean([Code, "Anonymous: 0 kB"], ["5581b0000000-5581b0003000 rw-p 00000000 fe:01 1234 /app/edge", "Swap: 0 kB"]));
    }

    [Fact]
    public void A_process_has_clean_parts_and_the_kernel_takes_them_for_whole_pages()
    {
        var parts = ProgramFile.CleanParts(File.ReadLines("/proc/self/smaps"), Environment.ProcessPath!);
        Assert.NotEmpty(parts);
        Assert.All(parts, static part => Assert.Equal((0, 0), ((int)(part.Start % Environment.SystemPageSize), (int)(part.Bytes % Environment.SystemPageSize))));
    }

    static List<(nint, nint)> Clean(params string[][] mappings) => ProgramFile.CleanParts(mappings.SelectMany(static lines => lines), "/app/edge");

    static string[] Mapping(string head, string anonymous = "0 kB", string swap = "0 kB") =>
        [head, "Size:                 12 kB", "Rss:                  12 kB", "Private_Dirty:         0 kB", $"Anonymous:             {anonymous}", $"Swap:                  {swap}", "VmFlags: rd ex mr mw me"];
}
