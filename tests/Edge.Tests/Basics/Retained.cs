using System.Reflection;
using System.Runtime.CompilerServices;

namespace Edge.Tests.Basics;

/// <summary>
/// What an object keeps in memory with all that it refers to, clocks and the runtime's descriptions of types aside: found by looking, so that a new field is
/// counted too.
/// </summary>
static class Retained
{
    const int Header = 16;
    const int ArrayHeader = 24;
    const int StringHeader = 22;

    static readonly Dictionary<Type, (long Bytes, FieldInfo[] ToFollow)> Shapes = [];

    public static long By(object root)
    {
        var (seen, sum) = (new HashSet<object>(ReferenceEqualityComparer.Instance), 0L);
        // Not by recursion: a list is as deep as it is long.
        var pending = new Stack<object>([root]);
        while (pending.TryPop(out var found))
        {
            if (found is TimeProvider or MemberInfo || !seen.Add(found))
                continue;
            if (found is string text)
                sum += Aligned(StringHeader + (text.Length * sizeof(char)));
            else if (found is Array array)
                Count(array);
            else
            {
                sum += Aligned(Header + ShapeOf(found.GetType()).Bytes);
                FollowFields(found);
            }
        }
        return sum;

        void Count(Array array)
        {
            var element = array.GetType().GetElementType()!;
            sum += Aligned(ArrayHeader + (array.LongLength * SizeOf(element)));
            if (!element.IsPrimitive)
                foreach (var item in array)
                    Follow(item, element);
        }

        // A value lies in what holds it: only what it refers to takes more.
        void Follow(object? value, Type type)
        {
            if (value is null)
                return;
            if (type.IsValueType)
                FollowFields(value);
            else
                pending.Push(value);
        }

        void FollowFields(object of)
        {
            foreach (var field in ShapeOf(of.GetType()).ToFollow)
                Follow(field.GetValue(of), field.FieldType);
        }
    }

    static long Aligned(long bytes) => (bytes + 7) & ~7;

    static (long Bytes, FieldInfo[] ToFollow) ShapeOf(Type type)
    {
        lock (Shapes)
        {
            if (!Shapes.TryGetValue(type, out var shape))
            {
                FieldInfo[] fields = [.. Fields(type)];
                Shapes[type] = shape = (
                    fields.Sum(static field => SizeOf(field.FieldType)), Array.FindAll(fields, static field => !field.FieldType.IsPrimitive && !field.FieldType.IsPointer));
            }
            return shape;
        }
    }

    static long SizeOf(Type type) => type.IsValueType
        ? (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!
        : IntPtr.Size;

    static IEnumerable<FieldInfo> Fields(Type type)
    {
        for (var of = type; of is not null; of = of.BaseType)
            foreach (var field in of.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                yield return field;
    }
}
