using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Mesh.Registry;

/// <summary>Takes registrations.</summary>
internal sealed class RegistrationEndpoint(RegistryStore store, RegistrationReader reader, Replicator replicator, RegistrySettings settings)
{
    public async Task RegisterAsync(HttpContext context, WireForm form)
    {
        var type = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var parsed) ? parsed.MediaType : default;
        var isXml = type.Equals("application/xml", StringComparison.OrdinalIgnoreCase);
        if (!isXml && !type.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            await RegistryResponse.BareAsync(context, StatusCodes.Status415UnsupportedMediaType).ConfigureAwait(false);
            return;
        }

        if (await RequestBody.ReadAsync(context, settings.MaxBodyBytes).ConfigureAwait(false) is not { } body)
        {
            await RegistryResponse.RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, RegistrationProblems.BodyTooLarge(settings.MaxBodyBytes)).ConfigureAwait(false);
            return;
        }

        var app = RegistryRequest.App(context);
        var reading = isXml ? reader.ReadXml(body, app) : reader.ReadJson(body, app);
        if (!reading.IsValid)
        {
            await RegistryResponse.RefuseAsync(context, StatusCodes.Status400BadRequest, reading.Problem).ConfigureAwait(false);
            return;
        }

        var fromPeer = RegistryRequest.IsFromPeer(context.Request);
        if (!store.Register(reading.Instance, fromPeer))
        {
            await RegistryResponse.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, RegistrationProblems.Full(settings.MaxInstances)).ConfigureAwait(false);
            return;
        }

        if (!fromPeer)
        {
            replicator.Registered(reading.Instance.Key);
        }

        await RegistryResponse.EmptyAsync(context, StatusCodes.Status204NoContent).ConfigureAwait(false);
    }
}
