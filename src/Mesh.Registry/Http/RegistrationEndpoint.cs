using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Mesh.Registry;

/// <summary>Takes registrations.</summary>
internal sealed class RegistrationEndpoint(RegistryStore store, RegistrySettings settings, TimeProvider time)
{
    private readonly RegistrationReader _reader = new(settings, time);

    public async Task RegisterAsync(HttpContext context)
    {
        if (!IsJson(context.Request.ContentType))
        {
            await RegistryResponse.EmptyAsync(context, StatusCodes.Status415UnsupportedMediaType).ConfigureAwait(false);
            return;
        }

        if (await ReadBodyAsync(context).ConfigureAwait(false) is not { } body)
        {
            await RegistryResponse.RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, RegistrationProblems.BodyTooLarge(settings.MaxBodyBytes)).ConfigureAwait(false);
            return;
        }

        var reading = _reader.Read(body, RegistryRequest.App(context));
        if (!reading.IsValid)
        {
            await RegistryResponse.RefuseAsync(context, StatusCodes.Status400BadRequest, reading.Problem).ConfigureAwait(false);
            return;
        }

        if (!store.Register(reading.Instance))
        {
            await RegistryResponse.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, RegistrationProblems.Full(settings.MaxInstances)).ConfigureAwait(false);
            return;
        }

        await RegistryResponse.EmptyAsync(context, StatusCodes.Status204NoContent).ConfigureAwait(false);
    }

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads at most one byte more than is allowed: enough to know that it is too much.</summary>
    private async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength > settings.MaxBodyBytes)
        {
            return null;
        }

        var reader = context.Request.BodyReader;
        var result = await reader.ReadAtLeastAsync(settings.MaxBodyBytes + 1, context.RequestAborted).ConfigureAwait(false);
        var body = result.Buffer.Length > settings.MaxBodyBytes ? null : result.Buffer.ToArray();
        reader.AdvanceTo(result.Buffer.End);
        return body;
    }
}
