using Mesh.Registry.Replication;
using Mesh.Registry.Store;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry.Http;

/// <summary>Takes registrations.</summary>
internal sealed class RegistrationEndpoint(
    RegistryStore store, RegistrationReader reader, Replicator replicator, RefusalNotices notices, RegistrySettings settings)
{
    public async Task RegisterAsync(HttpContext context, WireForm form)
    {
        var app = RegistryRequest.App(context);
        var type = RegistryRequest.MediaType(context.Request);
        var isXml = type.Equals("application/xml", StringComparison.OrdinalIgnoreCase);
        if (!isXml && !type.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            notices.Refused(context, app, instance: null, "Content-Type", "it must be application/json or application/xml");
            await RegistryResponse.BareAsync(context, StatusCodes.Status415UnsupportedMediaType).ConfigureAwait(false);
            return;
        }

        if (await RequestBody.ReadAsync(context, settings.MaxBodyBytes).ConfigureAwait(false) is not { } body)
        {
            TellUnread(context, app);
            return;
        }

        var reading = isXml ? reader.ReadXml(body, app) : reader.ReadJson(body, app);
        if (!reading.IsValid)
        {
            notices.Refused(context, app, reading);
            await RefuseAsync(context, reading.Problem, isXml).ConfigureAwait(false);
            return;
        }

        var fromPeer = RegistryRequest.IsFromPeer(context.Request);
        if (!store.Register(reading.Instance, fromPeer))
        {
            await RegistryResponse.RefuseAsync(
                context, StatusCodes.Status503ServiceUnavailable, RegistrationProblems.Full(settings.MaxInstances)).ConfigureAwait(false);
            return;
        }

        if (!fromPeer)
        {
            replicator.Registered(reading.Instance.Key);
        }

        await RegistryResponse.EmptyAsync(context, StatusCodes.Status204NoContent).ConfigureAwait(false);
    }

    private void TellUnread(HttpContext context, string app)
    {
        if (context.Response.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            notices.Refused(context, app, instance: null, "(the whole)", RegistrationProblems.BodyTooLarge(settings.MaxBodyBytes));
        }
        else
        {
            notices.Unreadable(context);
        }
    }

    /// <summary>Answers a body that cannot be parsed in its own form, whatever the client accepts; any other refusal in plain
    /// text.</summary>
    private static Task RefuseAsync(HttpContext context, string problem, bool isXml)
    {
        if (problem == RegistrationProblems.Unparsable)
        {
            context.Response.ContentType = (isXml ? WireForm.Xml : WireForm.Json).ContentType();
            problem = isXml ? RegistrationProblems.UnparsableXml : problem;
        }

        return RegistryResponse.RefuseAsync(context, StatusCodes.Status400BadRequest, problem);
    }
}
