using System.Text.Json.Serialization;

namespace Edge.Http;

/// <summary>An enum in JSON: one of its words, never a number.</summary>
internal sealed class WordConverter<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
