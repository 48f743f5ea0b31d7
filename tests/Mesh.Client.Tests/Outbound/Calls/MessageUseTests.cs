using System.Net;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>Who has a message, and what a copy of it says.</summary>
public sealed class MessageUseTests
{
    private static readonly PrimaryHandler Primary = Handler(isOwn: false);

    /// <summary>More than there are places for.</summary>
    [Fact]
    public void Enter_of_many_messages_each_has_one_use_that_is_no_copy()
    {
        var uses = new List<(HttpRequestMessage Message, MessageUse Use)>();
        for (var i = 0; i < 10_000; i++)
        {
            var message = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
            var use = new MessageUse();
            Assert.Same(message, use.Enter(message, Primary));
            uses.Add((message, use));
        }

        foreach (var (message, _) in uses)
        {
            var second = new MessageUse();
            Assert.NotSame(message, second.Enter(message, Primary));
            Assert.True(second.IsCopy);
            second.Leave();
        }

        foreach (var (message, use) in uses)
        {
            use.Leave();
            Assert.False(MessagesUnderWay.IsUsed(message, Primary, except: null));
            Assert.Same(message, use.Enter(message, Primary));
        }

        foreach (var (message, use) in uses)
        {
            use.Leave();
            message.Dispose();
        }
    }

    [Fact]
    public void Enter_again_copies_everything_and_shares_the_content()
    {
        using var content = new StringContent("a");
        using var message = new HttpRequestMessage(HttpMethod.Connect, Fleet.Url)
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        message.Headers.Add("x-a", ["1", "2"]);
        message.Headers.ExpectContinue = true;
        message.Headers.Host = "mine";
        message.Headers.Protocol = "websocket";
        var key = new HttpRequestOptionsKey<string>("k");
        message.Options.Set(key, "v");
        var first = new MessageUse();
        var second = new MessageUse();
        first.Enter(message, Primary);

        var copy = second.Enter(message, Primary);

        Assert.NotSame(message, copy);
        Assert.Equal((message.Method, message.RequestUri), (copy.Method, copy.RequestUri));
        Assert.Equal((message.Version, message.VersionPolicy), (copy.Version, copy.VersionPolicy));
        Assert.Equal(message.Headers.ToString(), copy.Headers.ToString());
        Assert.Equal("websocket", copy.Headers.Protocol);
        Assert.Equal("v", copy.Options.TryGetValue(key, out var value) ? value : null);
        Assert.Same(content, copy.Content);
        first.Leave();
        second.Leave();
    }

    [Fact]
    public void Answered_names_the_message_of_the_user_unless_a_redirect_has_led_the_copy_elsewhere()
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        var first = new MessageUse();
        var second = new MessageUse();
        first.Enter(message, Primary);
        var copy = second.Enter(message, Primary);
        using var answer = new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = copy };
        using var redirected = new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = copy };

        Assert.Same(message, second.Answered(answer).RequestMessage);
        copy.RequestUri = new Uri(Fleet.Url + "next");
        Assert.Same(copy, second.Answered(redirected).RequestMessage);

        first.Leave();
        second.Leave();
    }

    [Fact]
    public void Enter_from_inside_the_users_primary_handler_is_no_second_use()
    {
        var own = Handler(isOwn: true);
        using var message = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        var outer = new MessageUse();
        var inner = new MessageUse();
        var hedge = new MessageUse();
        outer.Enter(message, own);

        Assert.Same(message, inner.Enter(message, Primary));
        Assert.NotSame(message, hedge.Enter(message, own));

        hedge.Leave();
        inner.Leave();
        outer.Leave();
    }

    private static PrimaryHandler Handler(bool isOwn) => new(
        (_, _) => throw new NotSupportedException(),
        (_, _) => throw new NotSupportedException(),
        isOwn,
        HandlerReach.Direct,
        cookies: null,
        client: string.Empty);
}
