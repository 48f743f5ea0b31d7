using System.Reflection;
using Mesh.Client.Outbound.Calls;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>What follows a body to its end outlives the call and its attempts, which serve others by then.</summary>
public sealed class BodyFollowerTests
{
    private const BindingFlags Fields =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Assembly Product = typeof(Call).Assembly;

    [Theory]
    [InlineData(typeof(StreamedContent))]
    [InlineData(typeof(StreamedBody))]
    [InlineData(typeof(ResumedContent))]
    [InlineData(typeof(UploadContent))]
    [InlineData(typeof(GrpcEnd))]
    public void Fields_lead_neither_to_a_call_nor_to_an_attempt(Type follower)
    {
        var reached = ReachedFrom(follower);

        Assert.Contains(reached, type => type != follower);
        Assert.DoesNotContain(typeof(Call), reached);
        Assert.DoesNotContain(typeof(Attempt), reached);
    }

    /// <summary>The test above can fail.</summary>
    [Fact]
    public void Fields_of_an_attempt_lead_to_its_call_and_to_what_is_edited()
    {
        Assert.Contains(typeof(Call), ReachedFrom(typeof(Attempt)));
        Assert.Contains(typeof(AttemptEdits), ReachedFrom(typeof(MessageUse)));
    }

    private static HashSet<Type> ReachedFrom(Type type)
    {
        var reached = new HashSet<Type>();
        var open = new Stack<Type>([type]);
        while (open.TryPop(out var next))
        {
            foreach (var part in Parts(next))
            {
                if (part.Assembly != Product || !reached.Add(part))
                {
                    continue;
                }

                open.Push(part);
                foreach (var made in Product.GetTypes().Where(made => made != part && part.IsAssignableFrom(made)))
                {
                    open.Push(made);
                    reached.Add(made);
                }
            }
        }

        return reached;
    }

    /// <summary>The types of all fields, and what is in a list or an array of them.</summary>
    private static IEnumerable<Type> Parts(Type type)
    {
        for (var one = type; one is not null && one.Assembly == Product; one = one.BaseType)
        {
            foreach (var field in one.GetFields(Fields))
            {
                foreach (var part in Elements(field.FieldType))
                {
                    yield return part;
                }
            }
        }
    }

    private static IEnumerable<Type> Elements(Type type) =>
        type.IsArray ? Elements(type.GetElementType()!)
        : type.IsGenericType ? [type, .. type.GetGenericArguments().SelectMany(Elements)]
        : [type];
}
