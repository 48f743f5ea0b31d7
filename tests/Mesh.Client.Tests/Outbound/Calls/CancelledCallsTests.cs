using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Mesh.Client.Primitives;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>Thousands of calls on all threads, given up at any moment: what is used again for one call must not show another.</summary>
public sealed class CancelledCallsTests
{
    private const int Callers = 8;
    private const int Endpoints = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_calls_cancelled_at_any_moment_see_only_their_own(bool ownPrimary)
    {
        const int Calls = 750;
        using var primary = ownPrimary ? new EchoHandler() : null;
        using var mesh = OnTheRealClock(primary);
        mesh.All(Echo.AnswerAsync);
        var (answered, failed, cancelled) = (0, 0, 0);

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < Calls; i++)
            {
                var random = new Random((caller * Calls) + i);
                using var message = Echo.MessageOf(caller, i, random);
                using var given = new CancellationTokenSource();
                var giveUp = Echo.GiveUpAsync(given, random);
                try
                {
                    using var response = await mesh.Client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, given.Token);
                    await Echo.AssertAnswersAsync(message, response, given.Token);
                    Interlocked.Increment(ref answered);
                }
                catch (OperationCanceledException) when (given.IsCancellationRequested)
                {
                    Interlocked.Increment(ref cancelled);
                }
                catch (HttpRequestException exception)
                {
                    // A body that cannot be read again, or no retry left.
                    Assert.InRange(MeshException.AttemptsOf(exception).Count, 1, 3);
                    Interlocked.Increment(ref failed);
                }

                Echo.AssertUntouched(message);
                await giveUp;
            }
        })));

        Assert.Equal(Callers * Calls, answered + failed + cancelled);
        Assert.True(answered > Calls && cancelled > Calls, $"{answered} were answered, {cancelled} cancelled.");
        await NothingInFlight(mesh).Settle();
    }

    /// <summary>The loser of each pair ends when it likes, often long after its call.</summary>
    [Fact]
    public async Task SendAsync_pairs_cancelled_at_any_moment_see_only_their_own()
    {
        const int Calls = 500;
        using var mesh = OnTheRealClock(primary: null);
        mesh.All(Echo.AnswerAsync);
        var losers = new ConcurrentBag<Task>();
        var (answered, failed, cancelled) = (0, 0, 0);

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < Calls; i++)
            {
                var random = new Random((caller * Calls) + i);
                using var message = Echo.MessageOf(caller, i, random);
                using var given = new CancellationTokenSource();
                var pair = Pair.Of(mesh, message, given.Token);
                pair.Send();
                var giveUp = Echo.GiveUpAsync(given, random);
                var winner = await Task.WhenAny(pair.Flows) == pair.Flows[0] ? 0 : 1;
                losers.Add(EndAsync(pair, 1 - winner));
                try
                {
                    using var response = pair.Take(winner);
                    await Echo.AssertAnswersAsync(message, response, given.Token);
                    Interlocked.Increment(ref answered);
                }
                catch (OperationCanceledException) when (given.IsCancellationRequested)
                {
                    Interlocked.Increment(ref cancelled);
                }
                catch (HttpRequestException)
                {
                    Interlocked.Increment(ref failed);
                }

                Echo.AssertUntouched(message);
                await giveUp;
            }
        })));

        await Task.WhenAll(losers);
        Assert.Equal(Callers * Calls, answered + cancelled + failed);
        Assert.True(answered > Calls && cancelled > Calls, $"{answered} were answered, {cancelled} cancelled.");
        await NothingInFlight(mesh).Settle();
    }

    private static async Task EndAsync(Pair pair, int loser)
    {
        await pair.Flows[loser];
        pair.Release(loser);
    }

    private static async Task NothingInFlight(MeshFixture mesh)
    {
        while (mesh.InFlight() != 0)
        {
            await Task.Yield();
        }
    }

    private static MeshFixture OnTheRealClock(HttpMessageHandler? primary) =>
        new(
            options => options.Services[Fleet.Name] = Fleet.Options(Endpoints, service =>
            {
                service.Timeout = TimeSpan.FromMinutes(5);
                service.CircuitBreaker.Enabled = false;
                service.OutlierDetection.Enabled = false;
                service.Retry.BudgetRatio = 1;
            }),
            services => services.AddKeyedSingleton(OwnClockAttribute.Name, TimeProvider.System),
            primary);

    private sealed class EchoHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Echo.AnswerAsync(request, cancellationToken);
    }

    /// <summary>A server that says what it was sent, after a while and not always well.</summary>
    private static class Echo
    {
        private const string Name = "x-name";

        public static HttpRequestMessage MessageOf(int caller, int number, Random random)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{caller}-{number}");
            HttpContent content = random.Next(2) == 0
                ? new StringContent(name)
                : new Writing(async stream =>
                {
                    await Task.Yield();
                    await stream.WriteAsync(Encoding.UTF8.GetBytes(name));
                });
            var message = new HttpRequestMessage(HttpMethod.Put, Fleet.Url + name) { Content = content };
            message.Headers.Add(Name, name);
            return message;
        }

        /// <summary>Cancels most calls, at a moment between before the first attempt and after the end.</summary>
        public static async Task GiveUpAsync(CancellationTokenSource given, Random random)
        {
            if (random.Next(4) == 0)
            {
                return;
            }

            await Turns(random.Next(60));
            given.Cancel();
        }

        public static async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken token)
        {
            var name = Assert.Single(request.Headers.GetValues(Name));
            var attempt = request.Headers.TryGetValues("mesh-attempt", out var values) ? Assert.Single(values) : "1";
            var random = new Random(int.Parse(name.Replace("-", string.Empty, StringComparison.Ordinal), CultureInfo.InvariantCulture));
            var body = await request.Content!.ReadAsStringAsync(token);
            for (var turns = random.Next(30); turns > 0; turns--)
            {
                await Task.Yield();
                token.ThrowIfCancellationRequested();
            }

            var text = $"{request.RequestUri!.PathAndQuery} {name} {body}";
            switch (attempt == "1" ? random.Next(6) : 5)
            {
                case 0:
                    throw ScriptedNetwork.Refused();
                case 1:
                    return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)
                    {
                        RequestMessage = request,
                        Content = new StringContent(text),
                    };
            }

            return new HttpResponseMessage(HttpStatusCode.OK)
            {
                RequestMessage = request,
                Content = random.Next(2) == 0 ? new StringContent(text) : new TrackedContent(text),
            };
        }

        public static async Task AssertAnswersAsync(HttpRequestMessage message, HttpResponseMessage response, CancellationToken token)
        {
            var name = Assert.Single(message.Headers.GetValues(Name));
            Assert.Same(message, response.RequestMessage);
            Assert.Equal($"/{name} {name} {name}", await response.Content.ReadAsStringAsync(token));
        }

        /// <summary>It is the user's again as soon as the call has ended.</summary>
        public static void AssertUntouched(HttpRequestMessage message)
        {
            var name = Assert.Single(message.Headers.GetValues(Name));
            Assert.Single(message.Headers);
            Assert.Equal(Fleet.Url + name, message.RequestUri!.AbsoluteUri);
        }

        private static async Task Turns(int count)
        {
            for (; count > 0; count--)
            {
                await Task.Yield();
            }
        }
    }
}
