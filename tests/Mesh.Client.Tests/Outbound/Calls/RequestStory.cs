using System.Net;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Primitives;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>Plays a story of calls, answers and changes on one thread, and looks at each attempt and each ejection as it happens.</summary>
internal sealed class RequestStory
{
    private readonly string _policy;
    private readonly int _subset;
    private readonly double _ratio;
    private readonly List<int> _numbers;
    private readonly HashSet<Endpoint> _ever = [];
    private readonly List<TaskCompletionSource<HttpResponseMessage>> _waiting = [];
    private readonly List<(Task<HttpResponseMessage> Call, CancellationTokenSource Caller)> _calls = [];
    private readonly Dictionary<HttpRequestMessage, List<Endpoint>> _tried = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<HttpRequestMessage, Task> _last = [];
    private readonly Dictionary<Endpoint, Task> _trials = [];
    private readonly Dictionary<Endpoint, MeshTime> _asked = [];
    private readonly List<string> _broken = [];
    private readonly Stack<int> _left = [];
    private int _next;

    public RequestStory(string policy, int count, int subset, double ratio)
    {
        (_policy, _subset, _ratio) = (policy, subset, ratio);
        _numbers = [.. Enumerable.Range(1, count)];
        _next = count + 1;
    }

    public enum Act
    {
        Get,
        Post,
        Ok,
        Error,
        Refuse,
        Reset,
        Shed,
        Drain,
        Stream,
        Cancel,
        Dispose,
        Remove,
        Add,
        Advance,
        Wait,
    }

    public void Play((Act Act, int Which)[] story)
    {
        // Calls complete on this thread only: every answer runs its continuations inline.
        var ejections = new Ejections();
        using var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] = Fleet.Options(0, s =>
            {
                s.LoadBalancing.Policy = _policy;
                s.LoadBalancing.SubsetSize = _subset;
                s.OutlierDetection.MaxEjectedRatio = _ratio;
                s.Retry.MaxRetries = 4;
                s.CircuitBreaker.Enabled = false;
            }),
            services => services.AddSingleton<ILoggerProvider>(ejections));
        ejections.Happened = reason => Judge(mesh.Catalog().Endpoints.Current, reason);
        Publish(mesh);
        foreach (var (act, which) in story)
        {
            Do(mesh, act, which);
            Assert.True(_broken.Count == 0, string.Join(Environment.NewLine, _broken));
        }

        foreach (var (_, caller) in _calls)
        {
            caller.Cancel();
        }

        foreach (var (call, caller) in _calls)
        {
            try
            {
                call.GetAwaiter().GetResult().Dispose();
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                // An end, too.
            }

            caller.Dispose();
        }

        Assert.True(_broken.Count == 0, string.Join(Environment.NewLine, _broken));
        foreach (var endpoint in _ever)
        {
            Assert.Equal(0, endpoint.Load.InFlight);
        }

        // Where another thread is just setting a timer of the fake clock, it also runs those that are due, and Advance does not wait for
        // it.
        mesh.Time.Advance(TimeSpan.FromMinutes(2));
        for (var i = 0; i < 1_000 && LeftOpen(mesh).Any(); i++)
        {
            Thread.Yield();
            mesh.Time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Empty(LeftOpen(mesh));
    }

    /// <summary>Endpoints with pools of connections that should be closed.</summary>
    private static IEnumerable<string> LeftOpen(MeshFixture mesh)
    {
        var present = mesh.Catalog().Endpoints.Current.All.Select(endpoint => endpoint.Name).ToHashSet();
        return mesh.Network.Open
            .Where(pool => pool.Value != 0 && !(pool.Value == 1 && present.Contains(pool.Key)))
            .Select(pool => $"{pool.Key} has {pool.Value} pools open, and is {(present.Contains(pool.Key) ? "there" : "gone")}.");
    }

    private void Do(MeshFixture mesh, Act act, int which)
    {
        switch (act)
        {
            case Act.Get or Act.Post:
                var caller = new CancellationTokenSource();
                _calls.Add((mesh.Client.SendAsync(new HttpRequestMessage(act == Act.Get ? HttpMethod.Get : HttpMethod.Post, Fleet.Url),
                    HttpCompletionOption.ResponseHeadersRead, caller.Token), caller));
                break;
            case Act.Cancel:
                if (_calls.Count > 0)
                {
                    _calls[which % _calls.Count].Caller.Cancel();
                }

                break;
            case Act.Dispose:
                if (_calls.Find(c => c.Call.IsCompletedSuccessfully).Call is { } done)
                {
                    done.Result.Dispose();
                }

                break;
            case Act.Add:
                // An address that has left may come back, also before its connections are closed.
                _numbers.Add(which % 2 == 0 && _left.TryPop(out var back) ? back : _next++);
                Publish(mesh);
                break;
            case Act.Remove:
                if (_numbers.Count > 1)
                {
                    var leaving = which % _numbers.Count;
                    _left.Push(_numbers[leaving]);
                    _numbers.RemoveAt(leaving);
                    Publish(mesh);
                }

                break;
            case Act.Advance:
                mesh.Time.Advance(TimeSpan.FromMilliseconds(which));
                break;
            case Act.Wait:
                mesh.Time.Advance(TimeSpan.FromMilliseconds(20 * which));
                break;
            default:
                Answer(act, which);
                break;
        }
    }

    private void Answer(Act act, int which)
    {
        _waiting.RemoveAll(w => w.Task.IsCompleted);
        if (_waiting.Count == 0)
        {
            return;
        }

        var answer = _waiting[which % _waiting.Count];
        var leaving = new HttpResponseMessage(HttpStatusCode.OK) { Headers = { { "mesh-draining", "1" } } };
        _ = act switch
        {
            Act.Refuse => answer.TrySetException(ScriptedNetwork.Refused()),
            Act.Reset => answer.TrySetException(Answers.Broken()),
            Act.Error => answer.TrySetResult(
                new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new TrackedContent("no") }),
            Act.Shed => answer.TrySetResult(new HttpResponseMessage(HttpStatusCode.TooManyRequests)),
            Act.Drain => answer.TrySetResult(leaving),
            Act.Stream => answer.TrySetResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new TrackedContent("yes") }),
            _ => answer.TrySetResult(new HttpResponseMessage(HttpStatusCode.OK)),
        };
    }

    private void Publish(MeshFixture mesh)
    {
        mesh.Catalog().Publish("test", [.. _numbers.Select(n => TestSource.Endpoint($"http://10.0.0.{n}"))]);
        foreach (var endpoint in mesh.Catalog().Endpoints.Current.All)
        {
            if (_ever.Add(endpoint))
            {
                mesh.Network.On(endpoint.Name, (request, token) => Arrive(mesh, endpoint, request, token));
            }
        }
    }

    private Task<HttpResponseMessage> Arrive(MeshFixture mesh, Endpoint endpoint, HttpRequestMessage request, CancellationToken token)
    {
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        token.UnsafeRegister(state => ((TaskCompletionSource<HttpResponseMessage>)state!).TrySetCanceled(token), answer);
        _waiting.Add(answer);
        if (!_tried.TryGetValue(request, out var tried))
        {
            _tried.Add(request, tried = []);
        }

        Judge(mesh, endpoint, request, tried, answer.Task);
        tried.Add(endpoint);
        _last[request] = answer.Task;
        return answer.Task;
    }

    /// <summary>An attempt has been sent.</summary>
    private void Judge(MeshFixture mesh, Endpoint endpoint, HttpRequestMessage request, List<Endpoint> tried, Task answer)
    {
        var set = mesh.Catalog().Endpoints.Current;

        // An error answer is not given up for an endpoint that may hang.
        var answered = _last.TryGetValue(request, out var last) && last.IsCompletedSuccessfully;
        var others = set.All.Where(other => other != endpoint && !tried.Contains(other) && !other.IsDraining
            && (!answered || set.Panic || !other.Health.IsEjected || other.Health.EjectedByConnectFailures)).ToList();
        Expect(set.All.Contains(endpoint), $"{endpoint} has left.");
        Expect(endpoint.Load.InFlight > 0, $"{endpoint} has nothing in flight, and a request.");
        Expect(!tried.Contains(endpoint) || others.Count == 0, $"{endpoint} was tried before, and {string.Join(", ", others)} was not.");
        if (others.All(other => other.Health.IsEjected))
        {
            return;
        }

        var now = mesh.Catalog().Clock.Now;
        if (endpoint.IsDraining)
        {
            Expect(
                tried.Count == 0 && IsQuestion(endpoint, request, now),
                $"{endpoint} is draining, and {string.Join(", ", others)} are there.");
        }
        else if (endpoint.Health.IsEjected && !set.Panic)
        {
            Expect(
                tried.Count == 0 && IsTrial(endpoint, answer, now), $"{endpoint} is ejected, and {string.Join(", ", others)} are there.");
        }
    }

    /// <summary>Now and then one request that may be repeated elsewhere asks whether it still leaves.</summary>
    private bool IsQuestion(Endpoint endpoint, HttpRequestMessage request, MeshTime now)
    {
        var since = MeshTime.Max(endpoint.DrainingSince, _asked.GetValueOrDefault(endpoint));
        _asked[endpoint] = now;
        return request.Method == HttpMethod.Get && now - since >= DrainingEndpoints.FirstTrial;
    }

    /// <summary>One at a time, when the time of the ejection is over.</summary>
    private bool IsTrial(Endpoint endpoint, Task answer, MeshTime now)
    {
        var before = _trials.GetValueOrDefault(endpoint);
        _trials[endpoint] = answer;
        return endpoint.Health.TrialInFlight && endpoint.Health.EjectedUntil <= now && before?.IsCompleted != false;
    }

    /// <summary>An endpoint has been ejected, and the lock is still held. One whose trial has failed was out already: by what has left
    /// since, it may be more than the ratio. The last healthy one may go where some that leave still answer.</summary>
    private void Judge(EndpointSet set, string reason)
    {
        var takesOver = set.All.Any(endpoint => endpoint.IsDraining && !endpoint.Health.IsEjected)
            && set.All.All(endpoint => endpoint.IsDraining || endpoint.Health.IsEjected);
        var judged = set.All.Count(endpoint => !endpoint.IsDraining);
        var ejected = set.All.Count(endpoint => !endpoint.IsDraining && endpoint.Health.IsEjected);
        if (reason != "TrialFailed")
        {
            Expect(
                _ratio > 0 && (takesOver || (judged > 1 && ejected <= Math.Max(1, judged * _ratio))),
                $"{ejected} of {judged} are ejected, by a ratio of {_ratio}.");
        }
    }

    // Not thrown where it happens: there the mesh would take it for a failure of the endpoint.
    private void Expect(bool condition, string otherwise)
    {
        if (!condition)
        {
            _broken.Add(otherwise);
        }
    }

    /// <summary>Hears of each ejection while the lock of the service is held.</summary>
    private sealed class Ejections : ILoggerProvider, ILogger
    {
        public Action<string>? Happened { get; set; }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == "EndpointEjected" && state is IReadOnlyList<KeyValuePair<string, object?>> values)
            {
                Happened?.Invoke(values.First(value => value.Key == "Reason").Value!.ToString()!);
            }
        }

        public void Dispose()
        {
        }
    }
}
