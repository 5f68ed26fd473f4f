using System.Net;
using System.Net.Sockets;

namespace Edge.Prometheus.Listening;

/// <summary>Why the listener did not start, in words that name the setting to change.</summary>
internal static class StartFailure
{
    // errno of Linux, and what HttpListener has of its own. Windows' are there for those who develop on it.
    const int LinuxAccess = 13, LinuxInUse = 98, LinuxNotAvailable = 99;
    const int WindowsAccess = 5, WindowsSharing = 32, AlreadyRegistered = 183, ConflictsWithOther = 400, NotSupported = 50;

    public static PrometheusProblem Of(Exception exception, PrometheusHttpListenerOptions options)
    {
        var where = $"{(options.Host.Contains(':') && !options.Host.StartsWith('[') ? $"[{options.Host}]" : options.Host)}:{options.Port}";
        return KindOf(exception) switch
        {
            PrometheusProblemKind.PortInUse => new(PrometheusProblemKind.PortInUse,
                $"Port {options.Port} is taken, so that metrics cannot be scraped at {where}. Stop what has it, or choose another: Port, or {PrometheusHttpListenerOptions.PortVariable}."),
            PrometheusProblemKind.AddressNotAvailable => new(PrometheusProblemKind.AddressNotAvailable,
                $"This machine has no address {options.Host}, so that metrics cannot be scraped at {where}. Choose one that it has: Host, or {PrometheusHttpListenerOptions.HostVariable}."),
            PrometheusProblemKind.AccessDenied => new(PrometheusProblemKind.AccessDenied,
                $"This process may not listen on port {options.Port}, so that metrics cannot be scraped at {where}. Choose one above 1023: Port, or {PrometheusHttpListenerOptions.PortVariable}."),
            _ => new(PrometheusProblemKind.NotStarted,
                $"Metrics cannot be scraped at {where} (Host, Port): {exception.Message}"),
        };
    }

    static PrometheusProblemKind KindOf(Exception exception) => exception switch
    {
        HttpListenerException { ErrorCode: LinuxInUse or WindowsSharing or AlreadyRegistered or ConflictsWithOther or (int)SocketError.AddressAlreadyInUse } => PrometheusProblemKind.PortInUse,
        HttpListenerException { ErrorCode: LinuxAccess or WindowsAccess or (int)SocketError.AccessDenied } => PrometheusProblemKind.AccessDenied,
        HttpListenerException { ErrorCode: LinuxNotAvailable or NotSupported or (int)SocketError.AddressNotAvailable } => PrometheusProblemKind.AddressNotAvailable,
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => PrometheusProblemKind.PortInUse,
        SocketException { SocketErrorCode: SocketError.AccessDenied } => PrometheusProblemKind.AccessDenied,
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported or SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => PrometheusProblemKind.AddressNotAvailable,
        _ => PrometheusProblemKind.NotStarted,
    };
}
