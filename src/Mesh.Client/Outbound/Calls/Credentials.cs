using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;
using Mesh.Client.Security.Tokens;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Step 10 of a call: which token an attempt carries to its endpoint, checked anew for each attempt. A token that may not be sent
/// ends the call.</summary>
internal sealed class Credentials
{
    /// <summary>The most that the mesh may add to a request, in bytes: common servers and gateways take 16 KiB and more of headers, HTTP/2
    /// ones 32 KiB.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>Names and fixed values of the headers that the mesh adds.</summary>
    private const int FixedBytes = 256;

    private const int BaggageBytes = 2048;

    /// <summary>What waits for no time at all has failed before it is asked.</summary>
    private static readonly TimeSpan MinWait = TimeSpan.FromMicroseconds(1);

    private readonly ITokenSource _source;
    private readonly bool _builtIn;
    private readonly MeshClock _clock;
    private readonly MeshMetrics _metrics;
    private readonly bool _development;

    public Credentials(ITokenSource source, MeshClock clock, MeshMetrics metrics, bool development)
    {
        _source = source;
        _builtIn = source is UserTokens;
        _clock = clock;
        _metrics = metrics;
        _development = development;
    }

    /// <summary>Gets what is known at once: everything except an answer of the application's source.</summary>
    /// <param name="call">The call; its policy asks for credentials.</param>
    /// <param name="endpoint">The endpoint of the attempt; null to check the token alone.</param>
    /// <param name="now">When the token must still be valid.</param>
    /// <param name="grant">What the attempt may carry.</param>
    /// <returns>False when the source has to be asked.</returns>
    public bool TryGet(Call call, Endpoint? endpoint, MeshTime now, out TokenGrant grant)
    {
        grant = default;
        if (call.IsAuthorizedByUser)
        {
            return true;
        }

        if (!_builtIn)
        {
            return false;
        }

        try
        {
            grant = Judge(call, endpoint, call.Holder?.User, now);
        }
        catch (Exception exception)
        {
            grant = Failed(call, exception);
        }

        return true;
    }

    /// <summary>Asks the source.</summary>
    /// <inheritdoc cref="TryGet" path="/param"/>
    public ValueTask<TokenGrant> GetAsync(Call call, Endpoint? endpoint, MeshTime now)
    {
        ValueTask<BearerToken?> token;
        try
        {
            token = _source.GetAsync(RequestFor(call), call.CallerToken);
        }
        catch (Exception exception)
        {
            return new(Failed(call, exception));
        }

        return token.IsCompletedSuccessfully ? new(Judge(call, endpoint, token.Result, now)) : WaitAsync(call, endpoint, token);
    }

    private static TokenRequest RequestFor(Call call) => new(call.Service.Name, AudienceOf(call), call.Holder);

    private static string AudienceOf(Call call) => call.Model.Credentials.Audience ?? call.Service.Name;

    /// <summary>Only the application's sources wait. Their time counts for the call.</summary>
    private async ValueTask<TokenGrant> WaitAsync(Call call, Endpoint? endpoint, ValueTask<BearerToken?> pending)
    {
        var remaining = call.Deadline.IsNever ? Timeout.InfiniteTimeSpan : Duration.Max(MinWait, call.Deadline - _clock.Now);
        try
        {
            var source = pending.AsTask();
            var waiting = source.WaitAsync(remaining, _clock.TimeProvider, call.CallerToken);
            AbandonedTask.Watch(source);
            if (call.Synchronous)
            {
                return Judge(call, endpoint, waiting.GetAwaiter().GetResult(), _clock.Now);
            }

            var token = await waiting.ConfigureAwait(false);
            return Judge(call, endpoint, token, _clock.Now);
        }
        catch (Exception exception)
        {
            return Failed(call, exception);
        }
    }

    private TokenGrant Failed(Call call, Exception exception)
    {
        if (exception is OperationCanceledException && call.CallerToken.IsCancellationRequested)
        {
            return new TokenGrant(new TaskCanceledException(exception.Message, exception, call.CallerToken));
        }

        return Refuse(exception as TokenException ?? TokenErrors.SourceFailed(call.Service.Name, exception));
    }

    private TokenGrant Judge(Call call, Endpoint? endpoint, BearerToken? token, MeshTime now)
    {
        var policy = call.Model.Credentials;
        if (token is null)
        {
            return policy.MissingUser == MissingUserBehavior.Anonymous ? default : Refuse(TokenErrors.NoUser(call.Service.Name));
        }

        // Checks of the token first, then of the route.
        var audience = AudienceOf(call);
        return token.Bytes > policy.MaxTokenBytes ? Refuse(TokenErrors.TooLarge(call.Service.Name, token, policy))
            : token.Fault is not null ? Refuse(TokenErrors.NotReadable(call.Service.Name, token))
            : !token.IsFor(audience) ? Refuse(TokenErrors.WrongAudience(call.Service.Name, token, audience))
            : token.Expiry - _clock.UtcTicksAt(now) is var left && left < policy.MinimumLifetime.Ticks
                ? Refuse(TokenErrors.Expired(call.Service.Name, new TimeSpan(left), policy))
            : AddedBytes(call, token) > MaxBytes ? Refuse(TokenErrors.HeadersTooLarge(call.Service.Name, token, AddedBytes(call, token)))
            : call.MayRoam(endpoint) ? Refuse(TokenErrors.RedirectingHandler(call.Service.Name))
            : endpoint is not null && !IsProtected(call, endpoint, policy)
                ? Refuse(TokenErrors.InsecureTransport(call.Service.Name, endpoint))
            : new TokenGrant(token);
    }

    private bool IsProtected(Call call, Endpoint endpoint, CredentialsPolicy policy) =>
        call.TransportOf(endpoint).IsSecure || policy.AllowInsecureTransport || (_development && endpoint.Description.IsLoopback);

    private static int AddedBytes(Call call, BearerToken token)
    {
        var context = call.Model.Mesh.Context;
        return token.Bytes + FixedBytes + context.Caller.Length
            + (context.Baggage.IsEmpty ? 0 : BaggageBytes) + (call.Context?.Labels.Bytes ?? 0);
    }

    private TokenGrant Refuse(TokenException exception)
    {
        _metrics.TokenFailed(exception.Service, exception.Reason);
        return new TokenGrant(exception);
    }
}
