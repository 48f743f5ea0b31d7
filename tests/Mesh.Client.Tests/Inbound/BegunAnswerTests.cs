using Mesh.Client.Context;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Tests.Inbound;

/// <summary>What happens to the deadline of a request when its answer begins.</summary>
public sealed class BegunAnswerTests
{
    private readonly StartingResponse _response = new();

    [Theory]
    [InlineData(null, false)]
    [InlineData("application/grpc", true)]
    public async Task Deadline_goes_on_behind_the_head_only_where_it_is_about_the_whole_call(string? type, bool goesOn)
    {
        using var server = new ServerFixture();
        TimeSpan? before = null;
        TimeSpan? after = null;
        server.Application = async _ =>
        {
            before = MeshContext.Remaining;
            await _response.StartAsync();
            after = MeshContext.Remaining;
        };

        await InvokeAsync(server, type, "web");

        Assert.NotNull(before);
        Assert.Equal(goesOn ? before : null, after);
    }

    [Theory]
    [InlineData(null, "web", 500, 100, false, false)]
    [InlineData(null, "web", 500, 996, false, true)]
    [InlineData(null, "web", 500, 100, true, true)]
    [InlineData(null, "web", 404, 996, true, false)]
    [InlineData(null, null, 500, 996, true, false)]
    [InlineData("application/grpc", "web", 14, 100, false, false)]
    [InlineData("application/grpc", "web", 14, 996, false, true)]
    [InlineData("application/grpc", "web", 14, 100, true, true)]
    [InlineData("application/grpc", "web", 0, 996, true, false)]
    public async Task Failure_is_marked_for_mesh_callers_when_the_deadline_is_spent(
        string? type, string? caller, int status, int afterMs, bool callEnded, bool marked)
    {
        using var server = new ServerFixture();
        server.Application = async context =>
        {
            server.Mesh.Time.Advance(TimeSpan.FromMilliseconds(afterMs));
            if (callEnded)
            {
                // A call of this request has ended by its deadline.
                _ = ContextHolder.Read(out var holder);
                holder!.NoteDeadlineSpent();
            }

            if (type is null)
            {
                context.Response.StatusCode = status;
            }
            else
            {
                context.Response.Headers["grpc-status"] = $"{status}";
            }

            await _response.StartAsync();
        };

        await InvokeAsync(server, type, caller);

        Assert.Equal(marked, _response.Headers.ContainsKey("mesh-outcome"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Request_passes_as_it_is_where_the_mesh_is_switched_off(bool enabled)
    {
        using var server = new ServerFixture(options => options.Enabled = enabled);
        TimeSpan? remaining = null;
        server.Application = _ =>
        {
            remaining = MeshContext.Remaining;
            return Task.CompletedTask;
        };

        await InvokeAsync(server, type: null, "web");

        Assert.Equal(enabled, remaining is not null);
    }

    private Task InvokeAsync(ServerFixture server, string? type, string? caller)
    {
        var context = ServerFixture.Request(deadline: "1000");
        context.Features.Set<IHttpResponseFeature>(_response);
        context.Request.ContentType = type;
        if (caller is not null)
        {
            context.Request.Headers["mesh-caller"] = caller;
        }

        return server.InvokeAsync(context);
    }
}
