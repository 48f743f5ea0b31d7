using System.Diagnostics;
using Mesh.Client.Outbound.Calls;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>The trace of an attempt does not stay on the request, and the user's own does.</summary>
public sealed class TraceFieldsTests
{
    private const string Users = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Restore_fields_that_an_attempt_has_written_go(bool withOthers)
    {
        using var request = new HttpRequestMessage();
        if (withOthers)
        {
            request.Headers.Add("x-own", "1");
        }

        var noted = TraceFields.Note(request);
        Write(request);
        noted.Restore(request);

        Assert.Equal(withOthers ? ["x-own"] : [], request.Headers.Select(header => header.Key));
    }

    [Fact]
    public void Restore_field_of_the_user_stays_when_the_attempt_has_written_another()
    {
        using var request = new HttpRequestMessage();
        request.Headers.Add("traceparent", Users);

        var noted = TraceFields.Note(request);
        request.Headers.Add("tracestate", "a=1");
        noted.Restore(request);

        Assert.Equal(["traceparent"], request.Headers.Select(header => header.Key));
        Assert.Equal([Users], request.Headers.GetValues("traceparent"));
    }

    private static void Write(HttpRequestMessage request)
    {
        foreach (var name in DistributedContextPropagator.Current.Fields)
        {
            request.Headers.Add(name, "of-the-attempt");
        }
    }
}
