using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>T7: a token stands in no log, trace, metric, event or exception, whatever fails.</summary>
[CollectionDefinition(nameof(SecretTests), DisableParallelization = true)]
[Collection(nameof(SecretTests))]
public sealed class SecretTests(Issuer issuer) : IClassFixture<Issuer>
{
    private static readonly string[] Kinds = ["GET", "POST", "streamed", "gRPC"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_secret_anywhere()
    {
        var everything = new Everything();
        using var activities = everything.Activities();
        using var meters = everything.Meters();
        using var events = new Events(everything);
        using var dead = new DeadEndpoint();
        await using var payments = await TestServer.StartAsync(AnswerAsync);
        await using var streams = await TestServer.StartAsync(AnswerAsync, listen => listen.Protocols = HttpProtocols.Http2);
        var failures = new ConcurrentDictionary<string, bool>();
        var settings = Front.Settings(payments.Url)
            .With("Services:payments:Credentials:MissingUser", "Fail")
            .With("Defaults:Timeout", TimeSpan.FromMilliseconds(700))
            .With("Defaults:BodyIdleTimeout", TimeSpan.FromMilliseconds(300))
            .With("Defaults:CircuitBreaker:Enabled", "false")
            .With("Services:streams:Credentials:Mode", "Propagate").With("Services:streams:Credentials:Audience", "payments")
            .With("Services:strict:Credentials:Mode", "Propagate")
                .With("Services:strict:Credentials:MinimumLifetime", TimeSpan.FromHours(1))
                .With("Services:strict:Credentials:Audience", "payments")
            .With("Services:large:Credentials:Mode", "Propagate")
                .With("Services:large:Credentials:MaxTokenBytes", "256")
                .With("Services:large:Credentials:Audience", "payments")
            .With("Services:other:Credentials:Mode", "Propagate")
            .With("Services:dead:Credentials:Mode", "Propagate").With("Services:dead:Credentials:Audience", "payments")
            .With("Services:tls:Credentials:Mode", "Propagate").With("Services:tls:Credentials:Audience", "payments")
            .AndService("strict", payments.Url)
                .AndService("large", payments.Url)
                .AndService("other", payments.Url)
                .AndService("dead", dead.Url)
                .AndService("streams", streams.Url)
            .AndService("tls", payments.Url.Replace("http://", "https://", StringComparison.Ordinal));
        string[] refused = ["strict", "large", "other", "dead", "tls"];
        string[] paths = ["/200", "/401", "/403", "/431", "/500", "/503", "/reset", "/short", "/silent", "/redirect", "/slow"];
        await using var front = await Front.StartAsync(
            issuer,
            settings,
            async (_, client) =>
            {
                foreach (var kind in Kinds)
                {
                    foreach (var (service, path) in paths.Select(path => (kind == "gRPC" ? "streams" : "payments", path))
                        .Concat(refused.Select(name => (name, "/200"))))
                    {
                        using var request = Request(kind, $"http://{service}{path}");
                        try
                        {
                            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
                            everything.Add(response + " " + request);
                            await response.Content.CopyToAsync(Stream.Null, Token);
                            everything.Add(response.TrailingHeaders.ToString());
                            response.EnsureSuccessStatusCode();

                            // A caller of gRPC gets no exception: a status says what failed, and what with.
                            if (response.Headers.TryGetValues("grpc-message", out var why))
                            {
                                failures[$"{kind} {service}{path}"] = true;
                                everything.Add(Uri.UnescapeDataString(string.Join(";", why)));
                            }
                        }
                        catch (Exception exception)
                        {
                            failures[$"{kind} {service}{path}"] = true;
                            everything.Add(exception.ToString());
                            everything.Add(string.Join(";", exception.Data.Values.Cast<object?>()));
                        }

                        everything.Add(request.ToString());
                    }
                }

                var captured = MeshContext.Capture();
                everything.Add($"{captured} {captured.User} {System.Text.Json.JsonSerializer.Serialize(captured)}");
            },
            collection =>
            {
                collection.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new LogTap(everything)));
                collection.AddHttpClient("user");
            });
        var canary = await issuer.TokenAsync("canary");
        everything.Clear();

        await front.CallAsync(canary);
        var walked = failures.Count;
        await front.CallAsync(canary + "x");
        await front.CallAsync(canary + ", Bearer " + canary);
        await front.CallAsync(canary.Replace('.', '-'));
        meters.RecordObservableInstruments();

        // All but /200 of the service that takes the token, whatever way it is called.
        Assert.Equal(Kinds.Length * (paths.Length - 1 + refused.Length), walked);
        Assert.InRange(walked, 40, int.MaxValue);
        Assert.InRange(everything.Count, 500, int.MaxValue);
        var signature = canary.Split('.')[2];
        var payload = canary.Split('.')[1];
        foreach (var secret in Thirds(signature).Concat(Thirds(payload)).Append(canary))
        {
            Assert.DoesNotContain(everything.Entries, entry => entry.Contains(secret, StringComparison.Ordinal));
        }
    }

    /// <summary>A call as it is mostly made; one whose body is read while it is sent, so that it cannot be
    /// sent twice; one as gRPC makes them.</summary>
    private static HttpRequestMessage Request(string kind, string address)
    {
        var request = new HttpRequestMessage(kind == "GET" ? HttpMethod.Get : HttpMethod.Post, address);
        switch (kind)
        {
            case "POST":
                request.Content = new StringContent("body");
                break;
            case "streamed":
                request.Content = new StreamContent(new OneWayStream(100_000));
                break;
            case "gRPC":
                request.Version = HttpVersion.Version20;
                request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
                request.Headers.TE.ParseAdd("trailers");
                request.Content = new ByteArrayContent(new byte[5]);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
                break;
        }

        return request;
    }

    private static IEnumerable<string> Thirds(string text)
    {
        var third = text.Length / 3;
        return [text[..third], text.Substring(third, third), text[^third..]];
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value![1..];
        if (int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out var status))
        {
            context.Response.StatusCode = status;
            return;
        }

        switch (path)
        {
            case "redirect":
                context.Response.Redirect("http://localhost:1/elsewhere");
                break;
            case "slow":
                await Patience.PassAsync(TimeSpan.FromSeconds(30), context.RequestAborted);
                break;
            case "silent":
                await context.Response.WriteAsync("begun", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Patience.PassAsync(TimeSpan.FromSeconds(30), context.RequestAborted);
                break;
            case "short":
                context.Response.ContentLength = 100;
                await context.Response.WriteAsync("short", context.RequestAborted);
                context.Abort();
                break;
            default:
                context.Abort();
                break;
        }
    }

    /// <summary>All that was said anywhere.</summary>
    private sealed class Everything
    {
        private readonly ConcurrentQueue<string> _entries = new();

        public IEnumerable<string> Entries => _entries;

        public int Count => _entries.Count;

        public void Add(string? text) => _entries.Enqueue(text ?? string.Empty);

        public void Clear() => _entries.Clear();

        public ActivityListener Activities()
        {
            var listener = new ActivityListener
            {
                ShouldListenTo = static _ => true,
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activity => Add(
                    $"{activity.DisplayName} {activity.StatusDescription} {string.Join(";", activity.TagObjects)} "
                    + $"{string.Join(";", activity.Baggage)} "
                    + string.Join(";", activity.Events.Select(happened => $"{happened.Name} {string.Join(",", happened.Tags)}"))),
            };
            ActivitySource.AddActivityListener(listener);
            return listener;
        }

        public MeterListener Meters()
        {
            var listener =
                new MeterListener { InstrumentPublished = static (instrument, self) => self.EnableMeasurementEvents(instrument) };
            listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Add(Describe(instrument, tags)));
            listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Add(Describe(instrument, tags)));
            listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(Describe(instrument, tags)));
            listener.Start();
            return listener;
        }

        private static string Describe(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var text = new StringBuilder(instrument.Name);
            foreach (var tag in tags)
            {
                text.Append(' ').Append(tag);
            }

            return text.ToString();
        }
    }

    private sealed class LogTap(Everything everything) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            everything.Add(state.ToString());
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            everything.Add(formatter(state, exception) + exception);
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
            {
                everything.Add(string.Join(";", values));
            }
        }

        public void Dispose()
        {
        }
    }

    private sealed class Events(Everything everything) : EventListener
    {
        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name.StartsWith("System.Net", StringComparison.Ordinal)
                || eventSource.Name.Contains("IdentityModel", StringComparison.Ordinal))
            {
                EnableEvents(eventSource, EventLevel.Informational);
            }
        }

        // The base class calls OnEventSourceCreated before the field is set.
        protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
            everything?.Add($"{eventData.EventName} {eventData.Message} {string.Join(";", eventData.Payload ?? new([]))}");
    }
}
