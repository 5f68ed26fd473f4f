using System.Buffers;
using System.Text;
using System.Text.Json;
using Edge.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Edge.Hosting;

/// <summary>
/// One event, one line. JSON where a machine reads it, with the message's values as members of their own (<c>traceId</c> among them);
/// short text on a terminal. The framework's queue and writer stand behind it: a slow terminal does not slow requests.
/// </summary>
internal sealed class EdgeLogFormatter(bool json, bool colours, TimeProvider clock) : ConsoleFormatter(Key)
{
    public const string Key = "edge";

    const string TemplateKey = "{OriginalFormat}";

    static readonly string[] OwnMembers = ["time", "level", "category", "event", "message", "exception"];

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter writer)
    {
        var message = entry.Formatter(entry.State, entry.Exception);
        if (json)
            WriteJson(writer, entry.LogLevel, entry.Category, entry.EventId, message, entry.State as IReadOnlyList<KeyValuePair<string, object?>> ?? [], entry.Exception);
        else
            WriteText(writer, entry.LogLevel, entry.Category, message, entry.Exception);
    }

    void WriteJson(
        TextWriter writer, LogLevel level, string category, EventId id, string message, IReadOnlyList<KeyValuePair<string, object?>> values, Exception? exception)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var line = new Utf8JsonWriter(buffer, JsonAnswer.WriterOptions))
        {
            line.WriteStartObject();
            line.WriteString("time"u8, clock.GetUtcNow().UtcDateTime);
            line.WriteString("level"u8, Word(level));
            line.WriteString("category"u8, category);
            if (id.Name is not null)
                line.WriteString("event"u8, id.Name);
            line.WriteString("message"u8, message);
            for (var i = 0; i < values.Count; i++)
                if (values[i].Key != TemplateKey)
                    WriteValue(line, MemberName(values[i].Key), values[i].Value);
            if (exception is not null)
                line.WriteString("exception"u8, exception.ToString());
            line.WriteEndObject();
        }
        writer.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <summary>Some placeholders of the framework are called as members of the line are; log stores refuse a member that comes twice.</summary>
    static string MemberName(string key)
    {
        var name = JsonNamingPolicy.CamelCase.ConvertName(key);
        return Array.IndexOf(OwnMembers, name) < 0 ? name : name + "Value";
    }

    static void WriteValue(Utf8JsonWriter line, string name, object? value)
    {
        switch (value)
        {
            case null:
                line.WriteNull(name);
                break;
            case int number:
                line.WriteNumber(name, number);
                break;
            case long number:
                line.WriteNumber(name, number);
                break;
            case double number when double.IsFinite(number):
                line.WriteNumber(name, number);
                break;
            case bool flag:
                line.WriteBoolean(name, flag);
                break;
            default:
                line.WriteString(name, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }

    void WriteText(TextWriter writer, LogLevel level, string category, string message, Exception? exception)
    {
        var time = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), clock.LocalTimeZone);
        writer.Write(time.ToString("HH:mm:ss.fff ", System.Globalization.CultureInfo.InvariantCulture));
        writer.Write(colours ? Colour(level) : "");
        writer.Write(Word(level).PadRight(5));
        writer.Write(colours ? "\e[0m " : " ");
        writer.Write(category[(category.LastIndexOf('.') + 1)..]);
        writer.Write(": ");
        writer.Write(message.ReplaceLineEndings(" "));
        // Still one event in one place, but an exception that a person is to read keeps its lines.
        writer.WriteLine(exception is null ? "" : Environment.NewLine + exception);
    }

    static string Colour(LogLevel level) => level switch
    {
        LogLevel.Error or LogLevel.Critical => "\e[31m",
        LogLevel.Warning => "\e[33m",
        LogLevel.Information => "\e[32m",
        _ => "\e[90m",
    };

    static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "fatal",
    };
}
