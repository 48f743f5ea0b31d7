using System.Net;
using Mesh.Client.Options;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Model;

public sealed class MeshExceptionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AttemptsOf_exception_of_the_transport_tells_endpoint_outcome_and_time()
    {
        using var mesh = Fleet.Of(2, s => s.Retry.MaxRetries = 1);
        mesh.Network.On(Fleet.At(1), async (_, token) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), mesh.Time, token);
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        });
        mesh.Network.Refuse(Fleet.At(2));

        // Whichever is first: the other is the retry.
        var exception = await FailAsync(mesh, HttpStatusCode.ServiceUnavailable);
        if (exception is null)
        {
            exception = await FailAsync(mesh, HttpStatusCode.ServiceUnavailable);
        }

        var attempts = MeshException.AttemptsOf(exception!);
        Assert.Equal([Fleet.At(1), Fleet.At(2)], attempts.Select(attempt => attempt.Endpoint));
        Assert.Equal(["upstream_error", "connect_failure"], attempts.Select(attempt => attempt.Outcome));
        Assert.Equal(["HTTP 503", "connect_failure (Connection refused)"], attempts.Select(attempt => attempt.Failure));
        Assert.Equal([TimeSpan.FromMilliseconds(100), TimeSpan.Zero], attempts.Select(attempt => attempt.Duration));
        Assert.Equal($"{Fleet.At(1)}: HTTP 503 after 100 ms", attempts[0].ToString());
        Assert.Equal($"service 'catalog': {attempts[0]}; {attempts[1]}", exception!.Data["mesh.attempts"]!.ToString());
    }

    [Fact]
    public async Task AttemptsOf_timeout_of_the_mesh_tells_what_was_tried()
    {
        using var mesh = Fleet.Of(1, s => s.Timeout = TimeSpan.FromSeconds(1));
        mesh.All(Answers.Hang);

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));

        var attempt = Assert.Single(MeshException.AttemptsOf(exception));
        Assert.Equal((Fleet.At(1), "timeout", "no answer"), (attempt.Endpoint, attempt.Outcome, attempt.Failure));
        Assert.Equal(TimeSpan.FromSeconds(1), attempt.Duration);
    }

    [Fact]
    public async Task Attempts_of_a_call_without_token_are_those_before()
    {
        var source = new OneToken();
        using var mesh = new MeshFixture(
            options =>
            {
                var service = Fleet.Options(2, s => s.Credentials.Mode = CredentialMode.Propagate);
                service.Credentials.AllowInsecureTransport = true;
                service.Credentials.MissingUser = MissingUserBehavior.Anonymous;
                options.Services[Fleet.Name] = service;
            },
            services => services.AddSingleton<ITokenSource>(source));
        mesh.Network.Refuse(Fleet.At(1));
        mesh.Network.Refuse(Fleet.At(2));

        var exception = await Assert.ThrowsAnyAsync<MeshException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));

        Assert.Equal(("catalog", typeof(TokenException)), (exception.Service, exception.GetType()));
        Assert.Equal("connect_failure", Assert.Single(exception.Attempts).Outcome);
    }

    [Fact]
    public async Task AttemptsOf_own_cancellation_tells_nothing()
    {
        using var mesh = Fleet.Of(2);
        mesh.Network.Refuse(Fleet.At(1));
        mesh.Network.On(Fleet.At(2), Answers.Hang);
        using var caller = new CancellationTokenSource();
        var calls = new[] { mesh.Client.GetAsync(Fleet.Url, caller.Token), mesh.Client.GetAsync(Fleet.Url, caller.Token) };
        await caller.CancelAsync();

        foreach (var call in calls)
        {
            var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            Assert.Empty(exception.Data);
            Assert.Empty(MeshException.AttemptsOf(exception));
        }
    }

    [Fact]
    public void Exceptions_of_the_mesh_have_one_base_that_code_for_HttpClient_handles()
    {
        MeshException[] all =
        [
            new NoEndpointException("orders", "none"),
            new CallRejectedException("orders", "open"),
            new TokenException("orders", TokenFailure.NoUser, "nobody"),
        ];

        Assert.All(all, exception =>
        {
            Assert.IsType<HttpRequestException>(exception, exactMatch: false);
            Assert.Equal("orders", exception.Service);
            Assert.Empty(exception.Attempts);
        });
        Assert.Equal(HttpRequestError.NameResolutionError, all[0].HttpRequestError);
        Assert.Throws<ArgumentNullException>(() => MeshException.AttemptsOf(null!));
        Assert.Empty(MeshException.AttemptsOf(new InvalidOperationException { Data = { ["mesh.attempts"] = "of someone else" } }));
    }

    private static async Task<Exception?> FailAsync(MeshFixture mesh, HttpStatusCode status)
    {
        try
        {
            using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token));
            Assert.Equal(status, response.StatusCode);
            return null;
        }
        catch (HttpRequestException exception)
        {
            return exception;
        }
    }

    /// <summary>Has a token for the first attempt only.</summary>
    private sealed class OneToken : ITokenSource
    {
        private bool _given;

        public ValueTask<BearerToken?> GetAsync(TokenRequest request, CancellationToken cancellationToken)
        {
            if (_given)
            {
                throw new TokenException(request.Service, TokenFailure.Expired, "The token has expired.");
            }

            _given = true;
            return new((BearerToken?)null);
        }
    }
}
