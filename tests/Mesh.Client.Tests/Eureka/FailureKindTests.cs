using System.Text.Json;
using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Tests.Eureka;

public sealed class FailureKindTests
{
    public static TheoryData<Exception, string> Failures => new()
    {
        { new HttpRequestException(HttpRequestError.ConnectionError, "refused"), "no connection" },
        { new HttpRequestException(HttpRequestError.NameResolutionError, "no name"), "no connection" },
        { new HttpRequestException("unknown"), "no connection" },
        { new IOException("cut"), "no connection" },
        { new HttpRequestException(HttpRequestError.SecureConnectionError, "certificate"), "TLS" },
        { new HttpRequestException(HttpRequestError.InvalidResponse, "no HTTP"), "unusable" },
        { new JsonException("half"), "unusable" },
        { new InvalidDataException("no gzip"), "unusable" },
        { new EurekaException("a page"), "unusable" },
        { new EurekaException("answered 401") { Status = 401 }, "401" },
        { new EurekaException("both") { Kinds = "401, timeout" }, "401, timeout" },
        { new OperationCanceledException(), "timeout" },
        { new InvalidOperationException("our own"), "InvalidOperationException" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Of_names_what_an_operator_would_act_on(Exception failure, string kind) => Assert.Equal(kind, FailureKind.Of(failure));

    [Fact]
    public void Of_several_servers_has_no_order() =>
        Assert.Equal(FailureKind.Of(["timeout", "401"]), FailureKind.Of(["401", "timeout", "401"]));
}
