using Edge.Core.Caching.L1;

namespace Edge.Tests.Caching.L1;

internal sealed class TestEntry(string key, int payloadBytes = 100) : L1Entry(key, payloadBytes);
