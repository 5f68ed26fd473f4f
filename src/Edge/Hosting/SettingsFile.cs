using Edge.Http;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Edge.Hosting;

/// <summary>
/// appsettings.json, which may change while an instance runs. It is read every two seconds: the framework's watcher looks at all folders below, and
/// misses a file that is exchanged by a link, as Kubernetes does it; so would a look at its time.
/// </summary>
/// <param name="environment">What goes over the file.</param>
internal sealed class SettingsFile(string path, IConfigurationSource environment)
{
    public static SettingsFile Here => new(Path.GetFullPath("appsettings.json"), new SetVariables());

    /// <summary>As it is now; empty: there is none.</summary>
    public byte[] Content => File.Exists(path) ? File.ReadAllBytes(path) : [];

    /// <summary>The file, and the environment over it.</summary>
    /// <exception cref="InvalidDataException">It is no JSON, or no file.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It is for others to read.</exception>
    public SettingsSource Read()
    {
        // Docker makes one where the file to mount is missing. A folder would count as no file, and every setting in it as unset.
        if (Directory.Exists(path))
            throw new InvalidDataException("it is a folder");
        return new(new ConfigurationBuilder().AddJsonFile(path, optional: true).Add(environment).Build());
    }

    /// <summary>The environment alone.</summary>
    public SettingsSource ReadEnvironment() => new(new ConfigurationBuilder().Add(environment).Build());
}

/// <summary>The environment without its empty variables, which are how many tools unset one: what the file says holds then.</summary>
internal sealed class SetVariables : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider();

    sealed class Provider : EnvironmentVariablesConfigurationProvider
    {
        public override void Load()
        {
            base.Load();
            foreach (var (key, value) in Data.ToArray())
                if (string.IsNullOrWhiteSpace(value))
                    Data.Remove(key);
        }
    }
}

/// <summary>
/// Takes over what can change without a restart, which is the limits, when the file does: all of them at once, or none where anything in the file
/// is wrong.
/// </summary>
internal sealed partial class SettingsWatcher(SettingsFile file, RateLimiter limiter, TimeProvider clock, ILogger<SettingsWatcher> log) : BackgroundService
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    byte[] _seen = file.Content;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Look();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The instance ends.
        }
    }

    void Look()
    {
        try
        {
            var now = file.Content;
            if (now.AsSpan().SequenceEqual(_seen))
                return;
            _seen = now;
            var source = file.Read();
            var settings = SettingsReader.Read(source);
            foreach (var mistake in source.Mistakes)
                Wrong(log, mistake.ToString());
            if (source.Mistakes.Count > 0)
                return;
            limiter.Apply(settings.Limits);
            Taken(log);
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            Wrong(log, broken.GetBaseException().Message);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "appsettings.json has changed; its limits hold from now on, other settings after a restart", EventName = "LimitsChanged")]
    static partial void Taken(ILogger log);

    [LoggerMessage(2, LogLevel.Warning, "appsettings.json has changed and is not taken over, limits stay as they were: {Mistake}", EventName = "SettingsWrong")]
    static partial void Wrong(ILogger log, string mistake);
}
