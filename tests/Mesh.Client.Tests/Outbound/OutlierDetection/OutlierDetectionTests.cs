using System.Net;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.OutlierDetection;
using Mesh.Client.Primitives;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.OutlierDetection;

public sealed class OutlierDetectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, 2)]
    [InlineData(HttpStatusCode.ServiceUnavailable, 4)]
    [InlineData(HttpStatusCode.InternalServerError, 4)]
    public async Task Send_what_all_fail_at_ejects_nobody(HttpStatusCode status, int count)
    {
        using var mesh = Fleet.Of(count, s => s.CircuitBreaker.Enabled = false);
        mesh.All(Answers.Status(status));
        for (var i = 0; i < 100; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url);
            using var response = await mesh.Client.SendAsync(request, Token);
        }

        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);

        // One that goes on after the others are well is out.
        mesh.All(Answers.Status(HttpStatusCode.OK));
        mesh.Network.On(Fleet.At(1), Answers.Status(status));
        for (var i = 0; i < 100; i++)
        {
            mesh.Time.Advance(TimeSpan.FromMilliseconds(100));
            using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url);
            using var response = await mesh.Client.SendAsync(request, Token);
        }

        Assert.Equal([mesh.Endpoint(1)], mesh.Catalog().Endpoints.Current.Ejected);
    }

    /// <summary>Too few in a row, but most of all: the share of failures is as common to them.</summary>
    [Fact]
    public async Task Send_what_all_fail_at_mostly_ejects_nobody()
    {
        using var mesh = Fleet.Of(3, s => s.CircuitBreaker.Enabled = false);
        var calls = 0;
        mesh.All((request, token) =>
            Answers.Status(calls++ / 3 % 5 == 4 ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable)(request, token));

        for (var i = 0; i < 100; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url);
            using var response = await mesh.Client.SendAsync(request, Token);
        }

        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
        Assert.All(mesh.Catalog().Endpoints.Current.All, endpoint => Assert.InRange(mesh.Network.CountOf(endpoint.Name), 33, 34));
    }

    /// <summary>Uploads that all refuse are half of what this one is asked, and a third elsewhere. Its other answers count beside them.
    /// </summary>
    [Fact]
    public void OnCutOff_is_compared_among_all_answers()
    {
        using var mesh = Fleet.Of(3);
        _ = CutOffs(2, answers: 20, cutOffs: 10);
        _ = CutOffs(3, answers: 20, cutOffs: 10);

        Assert.Equal(PeerVerdict.Alike, CutOffs(1, answers: 16, cutOffs: 16));

        // Also where it got most of the uploads: the others refuse theirs.
        Assert.Equal(PeerVerdict.Alike, CutOffs(1, answers: 0, cutOffs: 100));
        Assert.False(mesh.Endpoint(1).Health.IsEjected);

        PeerVerdict CutOffs(int number, int answers, int cutOffs)
        {
            var verdict = PeerVerdict.Unknown;
            for (var i = 0; i < answers; i++)
            {
                mesh.Catalog().Outliers.OnSuccess(mesh.Endpoint(number), Now(mesh), Now(mesh));
            }

            for (var i = 0; i < cutOffs; i++)
            {
                verdict = mesh.Catalog().Outliers.OnCutOff(mesh.Endpoint(number), Now(mesh), trial: false, Now(mesh));
            }

            return verdict;
        }
    }

    [Theory]
    [InlineData(false, 5)]
    [InlineData(true, 3)]
    public void OnFailure_consecutive_failures_eject(bool connect, int expected)
    {
        using var mesh = Fleet.Of(3);
        for (var i = 1; i < expected; i++)
        {
            Fail(mesh, 1, connect);
            Assert.False(mesh.Endpoint(1).Health.IsEjected);
        }

        Fail(mesh, 1, connect);

        var set = mesh.Catalog().Endpoints.Current;
        Assert.Equal([mesh.Endpoint(1)], set.Ejected);
        Assert.Equal([mesh.Endpoint(2), mesh.Endpoint(3)], set.Usable);
        Assert.False(set.Panic);
        Assert.Equal(mesh.Endpoint(1).Health.EjectedUntil, set.NextTrial);
        Assert.Contains(
            mesh.Logs.GetSnapshot(),
            r => r.Id.Id == 1200 && r.Id.Name == "EndpointEjected" && r.Message.Contains(Fleet.At(1), StringComparison.Ordinal));
    }

    [Fact]
    public void OnSuccess_begins_the_count_anew()
    {
        using var mesh = Fleet.Of(3, s => s.OutlierDetection.FailureRatio = 1);
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < 4; i++)
            {
                Fail(mesh, 1, connect: i >= 2);
            }

            mesh.Catalog().Outliers.OnSuccess(mesh.Endpoint(1), Now(mesh), Now(mesh));
        }

        Assert.False(mesh.Endpoint(1).Health.IsEjected);
    }

    [Theory]
    [InlineData(0.5, 4, 5, true)]
    [InlineData(0.5, 5, 5, false)]
    [InlineData(0.5, 0, 4, false)]
    [InlineData(0.2, 19, 5, true)]
    [InlineData(0.2, 20, 5, false)]
    [InlineData(1, 1, 50, false)]
    public void OnFailure_more_than_a_share_of_the_last_seconds_ejects(double ratio, int good, int bad, bool ejected)
    {
        using var mesh = Fleet.Of(3, s => (s.OutlierDetection.FailureRatio, s.OutlierDetection.ConsecutiveFailures) = (ratio, 1000));
        for (var i = 0; i < good; i++)
        {
            mesh.Catalog().Outliers.OnSuccess(mesh.Endpoint(1), Now(mesh), Now(mesh));
        }

        for (var i = 0; i < bad; i++)
        {
            Assert.False(mesh.Endpoint(1).Health.IsEjected);
            Fail(mesh, 1, connect: false);
        }

        Assert.Equal(ejected, mesh.Endpoint(1).Health.IsEjected);
    }

    [Fact]
    public void OnFailure_old_attempts_and_those_before_a_return_do_not_count()
    {
        using var mesh = Fleet.Of(3, s => s.OutlierDetection.ConsecutiveFailures = 5);
        for (var i = 0; i < 4; i++)
        {
            Fail(mesh, 1, connect: false);
        }

        mesh.Catalog().Outliers.OnSuccess(mesh.Endpoint(1), Now(mesh), Now(mesh));
        mesh.Time.Advance(TimeSpan.FromSeconds(6));
        Fail(mesh, 1, connect: false);
        Assert.False(mesh.Endpoint(1).Health.IsEjected);

        // Ejected by a row; back by a good answer: its past is past.
        for (var i = 0; i < 4; i++)
        {
            Fail(mesh, 1, connect: false);
        }

        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        mesh.Catalog().Outliers.OnSuccess(mesh.Endpoint(1), Now(mesh), Now(mesh));
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
        Fail(mesh, 1, connect: false);
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
    }

    [Fact]
    public void OnSuccess_ends_a_row_of_connect_failures()
    {
        using var mesh = Fleet.Of(3);
        Fail(mesh, 1, connect: true);
        Fail(mesh, 1, connect: true);
        mesh.Catalog().Outliers.OnSuccess(mesh.Endpoint(1), Now(mesh), Now(mesh));
        Fail(mesh, 1, connect: true);
        Fail(mesh, 1, connect: true);
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
    }

    [Fact]
    public void OnFailure_other_failures_end_a_row_of_connect_failures()
    {
        using var mesh = Fleet.Of(3);
        Fail(mesh, 1, connect: true);
        Fail(mesh, 1, connect: true);
        Fail(mesh, 1, connect: false);
        Fail(mesh, 1, connect: true);
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
        Fail(mesh, 1, connect: true);
        Assert.True(mesh.Endpoint(1).Health.IsEjected);
    }

    [Fact]
    public async Task Send_overload_and_client_errors_never_eject()
    {
        using var mesh = Fleet.Of(2);
        foreach (var status in new[] { 400, 404, 429, 501, 505 })
        {
            mesh.All(Answers.Status((HttpStatusCode)status));
            for (var i = 0; i < 20; i++)
            {
                (await mesh.Client.PostAsync(Fleet.Url, null, Token)).Dispose();
            }
        }

        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
        Assert.DoesNotContain(mesh.Catalog().Endpoints.Current.All, e => e.Health.HasFailures);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(10, 5)]
    public void OnFailure_at_most_half_and_never_the_only_one(int count, int expected)
    {
        using var mesh = Fleet.Of(count);
        for (var i = 1; i <= count; i++)
        {
            for (var f = 0; f < 10; f++)
            {
                Fail(mesh, i);
            }
        }

        Assert.Equal(expected, mesh.Catalog().Endpoints.Current.Ejected.Length);
        Assert.Equal(count - expected, mesh.Catalog().Endpoints.Current.Usable.Length);
    }

    [Fact]
    public void OnFailure_disabled_or_ratio_zero_never_ejects()
    {
        foreach (var configure in new Action<ServiceOptions>[]
        {
            s => s.OutlierDetection.Enabled = false,
            s => s.OutlierDetection.MaxEjectedRatio = 0,
        })
        {
            using var mesh = Fleet.Of(3, configure);
            for (var f = 0; f < 20; f++)
            {
                Fail(mesh, 1, connect: true);
            }

            Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
        }
    }

    [Fact]
    public void OnFailure_failed_trials_double_the_wait_up_to_its_cap_with_jitter()
    {
        var lengths = new List<double>[10];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = [];
        }

        using var mesh = Fleet.Of(2);
        for (var round = 0; round < 20; round++)
        {
            mesh.Eject(1);
            for (var k = 0; k < lengths.Length; k++)
            {
                lengths[k].Add(Length(mesh, 1));
                FailTrial(mesh, 1);
            }

            Readmit(mesh, 1);
            mesh.Time.Advance(TimeSpan.FromSeconds(10.1));
        }

        for (var k = 0; k < lengths.Length; k++)
        {
            var nominal = Math.Min(30, 0.5 * Math.Pow(2, k));
            Assert.All(lengths[k], length => Assert.InRange(length, nominal * 0.75, nominal * 1.25));
            Assert.True(lengths[k].Max() / lengths[k].Min() > 1.2, "no jitter");
        }
    }

    [Theory]
    [InlineData(9.9, 1.0)]
    [InlineData(10.1, 0.5)]
    public void OnFailure_earlier_ejections_are_forgotten_after_ten_healthy_seconds(double healthy, double nominal)
    {
        using var mesh = Fleet.Of(2);
        mesh.Eject(1);
        Readmit(mesh, 1);
        mesh.Time.Advance(TimeSpan.FromSeconds(healthy));
        mesh.Eject(1);
        Assert.InRange(Length(mesh, 1), nominal * 0.75, nominal * 1.25);
    }

    [Fact]
    public void TakeTrial_goes_to_exactly_one_of_many_threads()
    {
        using var mesh = Fleet.Of(2);
        mesh.Eject(1);
        var taken = 0;
        void Race() => Parallel.For(0, 64, _ =>
        {
            if (mesh.Catalog().Outliers.TakeTrial(repeatable: true, secureOnly: false, Now(mesh)) is not null)
            {
                Interlocked.Increment(ref taken);
            }
        });

        Race();
        Assert.Equal(0, taken);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        Race();
        Assert.Equal(1, taken);
        Assert.Equal(MeshTime.Never, mesh.Catalog().Endpoints.Current.NextTrial);
    }

    [Fact]
    public void TakeTrial_for_https_passes_over_endpoints_without_TLS()
    {
        using var mesh = Fleet.Of(2);
        mesh.Eject(1);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(mesh.Catalog().Outliers.TakeTrial(repeatable: true, secureOnly: true, Now(mesh)));
        Assert.NotNull(mesh.Catalog().Outliers.TakeTrial(repeatable: true, secureOnly: false, Now(mesh)));
    }

    [Fact]
    public async Task OnFailure_failures_that_end_at_once_eject_once()
    {
        for (var round = 0; round < 100; round++)
        {
            using var mesh = Fleet.Of(8, s => s.OutlierDetection.ConsecutiveFailures = 1);
            var service = mesh.Catalog();
            var endpoint = mesh.Endpoint(1);
            using var start = new Barrier(4);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                start.SignalAndWait(Token);
                service.Outliers.OnFailure(endpoint, connectFailure: false, At(0), trial: false);
            })));
            Assert.Equal(1, endpoint.Health.Ejections);
        }
    }

    [Fact]
    public async Task Send_trial_is_one_call_of_many_and_its_success_readmits()
    {
        using var mesh = Fleet.Of(2);
        mesh.Eject(1);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        var release = new TaskCompletionSource<HttpResponseMessage>();
        mesh.Network.On(Fleet.At(1), (_, token) => release.Task.WaitAsync(token));

        var calls = new Task<HttpResponseMessage>[32];
        Parallel.For(0, calls.Length, i => calls[i] = mesh.Client.GetAsync(Fleet.Url, Token));
        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)));
        release.SetResult(new HttpResponseMessage(HttpStatusCode.OK));
        await Task.WhenAll(calls);

        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
        Assert.Equal(2, mesh.Catalog().Endpoints.Current.Usable.Length);
        Assert.Contains(mesh.Logs.GetSnapshot(), r => r.Id.Id == 1201 && r.Id.Name == "EndpointReadmitted");

        // Slow start, partly done.
        Assert.Equal(Now(mesh) - Milliseconds(3_500), mesh.Endpoint(1).Load.RampFrom);
    }

    [Fact]
    public async Task Send_failed_trial_is_repeated_elsewhere_and_doubles_the_wait()
    {
        using var mesh = Fleet.Of(2);
        mesh.Eject(1);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        mesh.Network.Refuse(Fleet.At(1));

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)));
        Assert.InRange(Length(mesh, 1), 0.75, 1.25);
        Assert.True(mesh.Endpoint(1).Health.EjectedByConnectFailures);
    }

    [Fact]
    public async Task Send_retry_is_never_a_trial()
    {
        using var mesh = Fleet.Of(4);
        mesh.Eject(1);
        mesh.Eject(2);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        mesh.Network.Refuse(Fleet.At(1));
        mesh.Network.Refuse(Fleet.At(2));

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)) + mesh.Network.CountOf(Fleet.At(2)));
        Assert.Equal(2, mesh.Network.Received.Count);
    }

    [Fact]
    public async Task Send_slow_answers_never_eject()
    {
        using var mesh = Fleet.Of(3);
        mesh.Network.On(Fleet.At(1), async (_, token) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(9), mesh.Time, token);
            return new HttpResponseMessage(HttpStatusCode.OK);
        });
        for (var i = 0; i < 60; i++)
        {
            using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token), stepMs: 500);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(20, mesh.Network.CountOf(Fleet.At(1)));
        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
    }

    [Fact]
    public async Task Eject_keeps_the_connections()
    {
        using var mesh = Fleet.Of(2);
        for (var i = 0; i < 2; i++)
        {
            (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        }

        mesh.Eject(1);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();

        Assert.False(mesh.Endpoint(1).Health.IsEjected);
        Assert.Equal(2, mesh.Network.CountOf(Fleet.At(1)));
        Assert.Equal((2, 0), (mesh.Network.Opened, mesh.Network.Closed));
    }

    [Theory]
    [InlineData("cancelled")]
    [InlineData("429")]
    public async Task Send_trial_without_a_verdict_releases_it_after_a_pause(string how)
    {
        using var mesh = Fleet.Of(2);
        mesh.Eject(1);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        mesh.Network.On(Fleet.At(1), how == "429" ? Answers.Status(HttpStatusCode.TooManyRequests) : Answers.Hang);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var trial = mesh.Client.GetAsync(Fleet.Url, caller.Token);
        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)));
        await caller.CancelAsync();
        try
        {
            (await trial).Dispose();
        }
        catch (OperationCanceledException)
        {
            Assert.Equal("cancelled", how);
        }

        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        Assert.False(mesh.Endpoint(1).Health.TrialInFlight);
        Assert.Equal(0, mesh.InFlight());

        // Those who come next must not all run into it.
        for (var i = 0; i < 5; i++)
        {
            var next = mesh.Client.GetAsync(Fleet.Url, Token);
            await next.Settle();
            Assert.Equal(HttpStatusCode.OK, (await next).StatusCode);
        }

        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)));
        mesh.Time.Advance(TimeSpan.FromSeconds(0.5));
        mesh.Network.On(Fleet.At(1), HttpStatusCode.OK);
        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        Assert.Equal(2, mesh.Network.CountOf(Fleet.At(1)));
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
    }

    [Fact]
    public async Task Send_post_is_a_trial_only_when_safe_or_nothing_better_came()
    {
        using var mesh = Fleet.Of(2);
        async Task<int> PostTrials()
        {
            var before = mesh.Network.CountOf(Fleet.At(1));
            (await mesh.Client.PostAsync(Fleet.Url, null, Token)).Dispose();
            return mesh.Network.CountOf(Fleet.At(1)) - before;
        }

        // Ejected by answers: after twice the time.
        mesh.Eject(1);
        var health = mesh.Endpoint(1).Health;
        var length = health.EjectedUntil - health.EjectedAt;
        mesh.Time.Advance(length);
        Assert.Equal(0, await PostTrials());
        mesh.Time.Advance(length - Microseconds(1));
        Assert.Equal(0, await PostTrials());
        mesh.Time.Advance(Microseconds(1));
        Assert.Equal(1, await PostTrials());
        Assert.False(health.IsEjected);

        // Ejected by connect failures: at once.
        for (var i = 0; i < 3; i++)
        {
            Fail(mesh, 1, connect: true);
        }

        mesh.Time.Advance(health.EjectedUntil - health.EjectedAt);
        Assert.Equal(1, await PostTrials());
    }

    [Fact]
    public async Task Send_late_success_from_before_the_ejection_does_not_readmit()
    {
        using var mesh = Fleet.Of(2);
        var release = new TaskCompletionSource<HttpResponseMessage>();
        mesh.All((_, token) => release.Task.WaitAsync(token));
        var first = mesh.Client.GetAsync(Fleet.Url, Token);
        var second = mesh.Client.GetAsync(Fleet.Url, Token);
        mesh.Eject(1);
        release.SetResult(new HttpResponseMessage(HttpStatusCode.OK));
        await Task.WhenAll(first, second);

        Assert.True(mesh.Endpoint(1).Health.IsEjected);
    }

    [Fact]
    public async Task Send_late_failure_from_before_the_ejection_does_not_lengthen_it()
    {
        using var mesh = Fleet.Of(2);
        var release = new TaskCompletionSource<HttpResponseMessage>();
        mesh.All((_, token) => release.Task.WaitAsync(token));
        var first = mesh.Client.PostAsync(Fleet.Url, null, Token);
        var second = mesh.Client.PostAsync(Fleet.Url, null, Token);
        mesh.Eject(1);
        var until = mesh.Endpoint(1).Health.EjectedUntil;
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        release.SetResult(new HttpResponseMessage(HttpStatusCode.InternalServerError));
        await Task.WhenAll(first, second);

        Assert.Equal(until, mesh.Endpoint(1).Health.EjectedUntil);
        Assert.Equal(1, mesh.Endpoint(1).Health.Ejections);
    }

    [Fact]
    public void OnFailure_trial_whose_endpoint_came_back_meanwhile_is_an_ordinary_failure()
    {
        using var mesh = Fleet.Of(2);
        mesh.Eject(1);
        var service = mesh.Catalog();
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(service.Outliers.TakeTrial(repeatable: true, secureOnly: false, Now(mesh)));
        var start = Now(mesh);
        service.Outliers.OnSuccess(mesh.Endpoint(1), start, Now(mesh));
        Assert.False(mesh.Endpoint(1).Health.IsEjected);
        mesh.Eject(2);

        service.Outliers.OnFailure(mesh.Endpoint(1), connectFailure: false, start, trial: true);

        // Else both would be out.
        Assert.Equal([mesh.Endpoint(2)], service.Endpoints.Current.Ejected);
    }

    [Fact]
    public void OnFailure_trial_that_fails_while_detection_is_off_gives_its_permit_back()
    {
        using var mesh = Fleet.Of(2);
        mesh.Eject(1);
        var service = mesh.Catalog();
        var on = service.Model;
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(service.Outliers.TakeTrial(repeatable: true, secureOnly: false, Now(mesh)));
        service.Apply(on with { OutlierDetection = on.OutlierDetection with { Enabled = false } });

        service.Outliers.OnFailure(mesh.Endpoint(1), connectFailure: true, Now(mesh), trial: true);
        service.Apply(on);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(mesh.Endpoint(1), service.Outliers.TakeTrial(repeatable: true, secureOnly: false, Now(mesh)));
    }

    [Fact]
    public void Rebuild_most_are_ejected_uses_all()
    {
        using var mesh = Fleet.Of(10, s => s.OutlierDetection.MaxEjectedRatio = 0.8);
        for (var i = 1; i <= 5; i++)
        {
            mesh.Eject(i);
        }

        Assert.False(mesh.Catalog().Endpoints.Current.Panic);
        Assert.Equal(5, mesh.Catalog().Endpoints.Current.Usable.Length);

        mesh.Eject(6);
        Assert.True(mesh.Catalog().Endpoints.Current.Panic);
        Assert.Equal(10, mesh.Catalog().Endpoints.Current.Usable.Length);
        Assert.Equal(6, mesh.Catalog().Endpoints.Current.Ejected.Length);
        Assert.Single(
            mesh.Logs.GetSnapshot(),
            r => r.Id.Id == 1202 && r.Id.Name == "Panic" && r.Message.Contains("4 of 10", StringComparison.Ordinal));

        mesh.Time.Advance(TimeSpan.FromMilliseconds(1));
        mesh.Catalog().Outliers.OnSuccess(mesh.Endpoint(6), Now(mesh), Now(mesh));
        Assert.False(mesh.Catalog().Endpoints.Current.Panic);
    }

    [Fact]
    public async Task Send_panic_off_and_nobody_left_still_tries()
    {
        using var mesh = Fleet.Of(2, s =>
        {
            s.OutlierDetection.MaxEjectedRatio = 1;
            s.OutlierDetection.PanicThreshold = 0;
        });
        mesh.Eject(1);
        Assert.Single(mesh.Catalog().Endpoints.Current.Usable);
        mesh.Eject(2);

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public void Publish_without_an_ejected_endpoint_forgets_it()
    {
        using var mesh = Fleet.Of(0);
        var service = mesh.Catalog();
        service.Publish(
            "test",
            [TestSource.Endpoint("http://10.0.0.1"), TestSource.Endpoint("http://10.0.0.2"), TestSource.Endpoint("http://10.0.0.3")]);
        mesh.Eject(1);
        var gone = mesh.Endpoint(1);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Same(gone, service.Outliers.TakeTrial(repeatable: true, secureOnly: false, Now(mesh)));
        var logged = mesh.Logs.Count;

        service.Publish("test", [TestSource.Endpoint("http://10.0.0.2"), TestSource.Endpoint("http://10.0.0.3")]);
        service.Outliers.OnFailure(gone, connectFailure: true, Now(mesh), trial: true);
        service.Outliers.OnUndecided(gone, Now(mesh));

        var set = service.Endpoints.Current;
        Assert.Empty(set.Ejected);
        Assert.Equal(2, set.Usable.Length);
        Assert.Equal(MeshTime.Never, set.NextTrial);
        Assert.Equal(logged, mesh.Logs.Count);

        // Its place is free for another.
        mesh.Eject(2);
    }

    [Fact]
    public async Task Send_endpoint_that_left_while_in_flight_ends_quietly()
    {
        using var mesh = Fleet.Of(0, s => s.Retry.MaxRetries = 0);
        var service = mesh.Catalog();
        service.Publish("test", [TestSource.Endpoint("http://10.0.0.1"), TestSource.Endpoint("http://10.0.0.2")]);
        var gone = mesh.Endpoint(1);
        var release = new TaskCompletionSource<HttpResponseMessage>();
        mesh.All((_, token) => release.Task.WaitAsync(token));
        var calls = Enumerable.Range(0, 20).Select(_ => mesh.Client.GetAsync(Fleet.Url, Token)).ToArray();
        Assert.Equal(10, gone.Load.InFlight);

        service.Publish("test", [TestSource.Endpoint("http://10.0.0.2"), TestSource.Endpoint("http://10.0.0.3")]);
        release.SetResult(new HttpResponseMessage(HttpStatusCode.InternalServerError));
        await Task.WhenAll(calls);

        Assert.Equal(0, gone.Load.InFlight);
        Assert.False(gone.Health.IsEjected);
        Assert.Equal([mesh.Endpoint(2)], service.Endpoints.Current.Ejected);
    }

    private static MeshTime Now(MeshFixture mesh) => mesh.Catalog().Clock.Now;

    private static double Length(MeshFixture mesh, int number) =>
        (mesh.Endpoint(number).Health.EjectedUntil - mesh.Endpoint(number).Health.EjectedAt).TotalSeconds;

    private static void Fail(MeshFixture mesh, int number, bool connect = false) =>
        mesh.Catalog().Outliers.OnFailure(mesh.Endpoint(number), connect, Now(mesh), trial: false);

    private static void FailTrial(MeshFixture mesh, int number)
    {
        TakeTrial(mesh, number);
        mesh.Catalog().Outliers.OnFailure(mesh.Endpoint(number), connectFailure: false, Now(mesh), trial: true);
    }

    private static void Readmit(MeshFixture mesh, int number)
    {
        TakeTrial(mesh, number);
        mesh.Catalog().Outliers.OnSuccess(mesh.Endpoint(number), Now(mesh), Now(mesh));
        Assert.False(mesh.Endpoint(number).Health.IsEjected);
    }

    private static void TakeTrial(MeshFixture mesh, int number)
    {
        mesh.Time.Advance(mesh.Endpoint(number).Health.EjectedUntil - Now(mesh));
        Endpoint? trial = mesh.Catalog().Outliers.TakeTrial(repeatable: true, secureOnly: false, Now(mesh));
        Assert.Same(mesh.Endpoint(number), trial);
    }
}
