using System.Reflection;
using System.Runtime.CompilerServices;

namespace Edge.Tests.Metrics;

/// <summary>What an object keeps in memory with all that it refers to, clocks aside: found by looking, so that a new field is counted too.</summary>
static class Retained
{
    const int Header = 16;
    const int ArrayHeader = 24;

    public static long By(object root)
    {
        var (seen, sum) = (new HashSet<object>(ReferenceEqualityComparer.Instance), 0L);
        Visit(root);
        return sum;

        void Visit(object? found)
        {
            if (found is null or TimeProvider || !seen.Add(found))
                return;
            if (found is Array array)
            {
                var element = array.GetType().GetElementType()!;
                sum += ArrayHeader + (array.LongLength * SizeOf(element));
                if (!element.IsPrimitive)
                    foreach (var item in array)
                        Follow(item, element);
                return;
            }
            sum += Header + Fields(found.GetType()).Sum(static field => SizeOf(field.FieldType));
            FollowFields(found);
        }

        // A value lies in what holds it: only what it refers to takes more.
        void Follow(object? value, Type type)
        {
            if (!type.IsValueType)
                Visit(value);
            else if (value is not null)
                FollowFields(value);
        }

        void FollowFields(object of)
        {
            foreach (var field in Fields(of.GetType()))
                if (!field.FieldType.IsPrimitive && !field.FieldType.IsPointer)
                    Follow(field.GetValue(of), field.FieldType);
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
