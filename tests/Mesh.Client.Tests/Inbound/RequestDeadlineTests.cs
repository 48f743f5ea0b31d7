using Mesh.Client.Inbound;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.Tests.Inbound;

public class RequestDeadlineTests
{
    [Fact]
    public void Timer_that_fires_when_the_server_has_taken_the_request_back_does_nothing()
    {
        var features = new FeatureCollection();
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        var context = new DefaultHttpContext(features);
        var time = new HeldTimer();
        var logger = new FakeLogger();
        var deadline = new RequestDeadline(context, time, TimeSpan.FromSeconds(1), logger, untilTheEnd: false);
        var token = deadline.RequestAborted;
        deadline.Dispose();
        context.Uninitialize();

        // A timer that has begun to fire is not stopped by its disposal.
        time.Fire();

        Assert.False(token.IsCancellationRequested);
        Assert.Empty(logger.Collector.GetSnapshot());
    }

    private sealed class HeldTimer : TimeProvider
    {
        public Action Fire { get; private set; } = static () => { };

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Fire = () => callback(state);
            return new Stopped();
        }

        private sealed class Stopped : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
