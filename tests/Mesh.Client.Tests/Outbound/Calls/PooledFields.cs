using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using Mesh.Client.Outbound.Calls;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>The fields of an object that is used again: all of them, also those of objects that live as long as it.</summary>
internal static class PooledFields
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Fields that stay, each with its reason.</summary>
    private static readonly Dictionary<string, string> Kept = new(StringComparer.Ordinal)
    {
        ["Attempt.<Call>k__BackingField"] = "the call that it lives in",
        ["Attempt.<Edits>k__BackingField"] = "emptied after each sending; tested by itself",
        ["AttemptCancellation._source"] = "what is pooled; reset by the runtime, or not used again",
        ["AttemptCancellation._timer"] = "what is pooled; its time is removed before",
        ["MessageUse._version"] = "only ever grows, so that a reader sees the change",
        ["RequestDeadline._arming"] = "a lock",
        ["RequestDeadline._timer"] = "what is pooled; its time is removed before",
    };

    public static bool IsKept(FieldInfo field) => Kept.ContainsKey(NameOf(field));

    /// <summary>What the object is made of, each as a path of fields.</summary>
    public static IEnumerable<FieldInfo[]> Of(Type type)
    {
        foreach (var field in Declared(type))
        {
            if (IsKept(field))
            {
                continue;
            }

            if (IsPart(field))
            {
                foreach (var path in Of(field.FieldType))
                {
                    yield return [field, .. path];
                }
            }
            else
            {
                yield return [field];
            }
        }
    }

    /// <summary>Gives a field another value than that of a new object.</summary>
    public static void Set(object target, FieldInfo[] path, Func<Type, object?> known)
    {
        for (var i = 0; i < path.Length - 1; i++)
        {
            target = path[i].GetValue(target)!;
        }

        path[^1].SetValue(target, ValueFor(path[^1].FieldType, known));
    }

    /// <summary>The fields in which two objects differ.</summary>
    public static IEnumerable<string> Differences(object expected, object actual)
    {
        foreach (var field in Declared(expected.GetType()))
        {
            var (one, other) = (field.GetValue(expected), field.GetValue(actual));
            if (IsKept(field))
            {
                continue;
            }

            if (IsPart(field))
            {
                foreach (var name in Differences(one!, other!))
                {
                    yield return $"{field.Name}.{name}";
                }
            }
            else if (!IsSame(one, other))
            {
                yield return field.Name;
            }
        }
    }

    public static string NameOf(FieldInfo[] path) => string.Join('.', path.Select(field => field.Name));

    /// <summary>Another object of ours that is made with this one and never replaced.</summary>
    private static bool IsPart(FieldInfo field) => field.IsInitOnly && field.FieldType.IsClass
        && field.FieldType.Assembly == typeof(Call).Assembly;

    private static string NameOf(FieldInfo field) => $"{field.DeclaringType!.Name}.{field.Name}";

    private static IEnumerable<FieldInfo> Declared(Type type) =>
        type.BaseType is null ? [] : [.. Declared(type.BaseType), .. type.GetFields(Own)];

    private static bool IsSame(object? one, object? other)
    {
        if (one is null || other is null || !one.GetType().IsValueType || one.GetType().IsPrimitive || one is Enum)
        {
            return Equals(one, other);
        }

        if (one.GetType().GetCustomAttribute<InlineArrayAttribute>() is { } array)
        {
            return Enumerable.Range(0, array.Length).All(i => Equals(Element(one, i), Element(other, i)));
        }

        return Declared(one.GetType()).All(field => IsSame(field.GetValue(one), field.GetValue(other)));
    }

    private static object? Element(object array, int index) => Unsafe.Add(ref Unsafe.As<Box>(array).First, index);

    private static object? ValueFor(Type type, Func<Type, object?> known)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (known(type) is { } value)
        {
            return value;
        }

        if (type == typeof(bool))
        {
            return true;
        }

        if (type.IsEnum)
        {
            return Enum.ToObject(type, 7);
        }

        if (type.IsPrimitive)
        {
            // Negative where that is possible: it is no index and no count of anything.
            return Convert.ChangeType(type == typeof(ushort) || type == typeof(uint) || type == typeof(byte) ? 5 : -5, type, null);
        }

        return type == typeof(CancellationToken) ? new CancellationToken(canceled: true)
            : type == typeof(CancellationTokenRegistration) ? new CancellationTokenSource().Token.Register(static () => { })
            : type == typeof(string) ? "x"
            : type == typeof(Uri) ? new Uri("http://other/")
            : type == typeof(HttpMethod) ? HttpMethod.Delete
            : type == typeof(HttpContent) ? new ByteArrayContent([1])
            : type == typeof(HttpRequestMessage) ? new HttpRequestMessage()
            : type == typeof(HttpResponseMessage) ? new HttpResponseMessage(HttpStatusCode.Ambiguous)
            : type == typeof(Exception) ? new InvalidOperationException()
            : type == typeof(TimeProvider) ? new FakeTimeProvider()
            : type == typeof(HttpContext) ? new DefaultHttpContext()
            : type == typeof(IHttpRequestLifetimeFeature) ? new HttpRequestLifetimeFeature()
            : type == typeof(IMessageEdits) ? new AttemptEdits()
            : type.IsArray ? Array.CreateInstance(type.GetElementType()!, 1)
            : type.IsValueType ? Filled(type, known)
            : RuntimeHelpers.GetUninitializedObject(type);
    }

    private static object Filled(Type type, Func<Type, object?> known)
    {
        var value = RuntimeHelpers.GetUninitializedObject(type);
        if (type.GetCustomAttribute<InlineArrayAttribute>() is { } array)
        {
            for (var i = 0; i < array.Length; i++)
            {
                Unsafe.Add(ref Unsafe.As<Box>(value).First, i) = ValueFor(Declared(type).Single().FieldType, known);
            }

            return value;
        }

        foreach (var field in Declared(type))
        {
            field.SetValue(value, ValueFor(field.FieldType, known));
        }

        return value;
    }

    /// <summary>Shows what is in a box, if that begins with a reference.</summary>
    private sealed class Box
    {
        public object? First;
    }
}
