using System.Net.Http.Json;
using Storefront.Roles;

namespace Storefront.Driver;

/// <summary>
/// The customers: calls the storefront at a steady rate, whether or not earlier calls have been answered, with a plain
/// <see cref="HttpClient"/>: no factory, no mesh, no retry. What fails in the mesh behind the storefront fails here.
/// </summary>
internal sealed class OpenLoopDriver : IDisposable
{
    private const int Products = 100;

    // One call in so many is an order.
    private const int OrderEvery = 4;

    private readonly HttpClient _http;
    private readonly DemoClock _clock;
    private readonly CallLog _log;
    private readonly int _rate;

    // Changed by the thread that issues and by every thread on which a call ends.
    private int _inFlight;
    private volatile int _scene;

    public OpenLoopDriver(Uri storefront, int rate, DemoClock clock, CallLog log)
    {
        // Longer than the mesh's limit for a call: an answer that says what went wrong comes first.
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = storefront,
            Timeout = TimeSpan.FromSeconds(15),
        };
        _rate = rate;
        _clock = clock;
        _log = log;
    }

    /// <summary>The scene that calls count for which are due from now on.</summary>
    public int Scene
    {
        get => _scene;
        set => _scene = value;
    }

    /// <summary>Waits until the storefront answers both kinds of call; the reason why not, when the time is over.</summary>
    public async Task<string?> WaitUntilAnsweringAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        var clock = DemoClock.Start();
        for (var attempt = 1; ; attempt++)
        {
            var error = await TryAsync(CallKind.Product, attempt, $"warm-up-{attempt}", cancellation)
                ?? await TryAsync(CallKind.Order, attempt, $"warm-up-{attempt}", cancellation);
            if (error is null || clock.Elapsed > timeout)
            {
                return error;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
        }
    }

    /// <summary>Calls until it is stopped, then waits for the answers of the calls in flight, unless they are no longer needed.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken abandon)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var issued = 0L; !stop.IsCancellationRequested;)
        {
            for (var due = Due(issued); due <= _clock.Elapsed; due = Due(++issued))
            {
                Interlocked.Increment(ref _inFlight);
                _ = CallAsync(issued, due);
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        while (Volatile.Read(ref _inFlight) > 0 && !abandon.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public void Dispose() => _http.Dispose();

    private TimeSpan Due(long number) => TimeSpan.FromSeconds((double)number / _rate);

    private async Task CallAsync(long number, TimeSpan due)
    {
        var scene = Scene;
        var kind = number % OrderEvery == 0 ? CallKind.Order : CallKind.Product;
        var order = $"order-{number}";
        var error = await TryAsync(kind, number, order, CancellationToken.None);

        // From the moment at which the call was due: a call that had to wait for its turn has waited.
        var ended = _clock.Elapsed;
        _log.Add(
            new CallRecord(scene, kind, ended, (ended - due).TotalMilliseconds, error is null),
            error is null ? null : $"{(kind == CallKind.Order ? $"POST /orders ({order})" : "GET /products")} at {due.TotalSeconds:0.0} "
                + $"s: {error}",
            error is null && kind == CallKind.Order ? order : null);
        Interlocked.Decrement(ref _inFlight);
    }

    private async Task<string?> TryAsync(CallKind kind, long number, string order, CancellationToken cancellation)
    {
        var product = (int)(number % Products) + 1;
        try
        {
            using var response = kind == CallKind.Order
                ? await _http.PostAsJsonAsync("/orders", new Order(order, product), cancellation)
                : await _http.GetAsync($"/products/{product}", cancellation);
            return response.IsSuccessStatusCode
                ? null
                : $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellation)}";
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            return $"{error.GetType().Name}: {error.Message}";
        }
    }
}
