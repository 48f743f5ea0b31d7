using Mesh.Client.Outbound.Services;
using Mesh.Client.Outbound.Transport;
using Microsoft.Extensions.ObjectPool;

namespace Mesh.Client.Outbound.Calls;

// Requests for hosts that are not known to be services.
internal sealed partial class CallPipeline
{
    private static readonly ObjectPool<MessageUse> Uses = new DefaultObjectPool<MessageUse>(
        new DefaultPooledObjectPolicy<MessageUse>(), maximumRetained: 256);

    /// <summary>Hosts that need a closer look: a source has not answered yet, or the name is unknown.</summary>
    private async Task<HttpResponseMessage> ResolveAsync(
        Uri address,
        HttpRequestMessage request,
        PrimaryHandler primary,
        bool synchronous,
        HostLookup lookup,
        CancellationToken cancellationToken)
    {
        var uri = RewrittenUri.OriginalOf(address);
        var host = uri.Host;
        var start = clock.Now;
        if (lookup == HostLookup.Undecided)
        {
            var patience = directory.DefaultPolicy.Timeout;
            if (!await directory.WaitAsync(patience, cancellationToken).ConfigureAwait(false))
            {
                return Refuse(request, CallErrors.NotReady(host, patience, directory));
            }

            lookup = directory.Find(uri, out var service);
            if (lookup == HostLookup.Service)
            {
                // The wait was part of the call: its deadline has been running since then.
                return await RunAsync(Rent(service!, request, primary, synchronous, start, cancellationToken)).ConfigureAwait(false);
            }
        }

        if (lookup is HostLookup.Unlisted or HostLookup.Unknown && !directory.External.Contains(host))
        {
            // The service may have started since the registry was read.
            if (await directory.AskAsync(directory.DefaultPolicy.Timeout, cancellationToken).ConfigureAwait(false))
            {
                lookup = directory.Find(uri, out var service);
                if (lookup == HostLookup.Service)
                {
                    return await RunAsync(Rent(service!, request, primary, synchronous, start, cancellationToken)).ConfigureAwait(false);
                }
            }
        }

        return lookup switch
        {
            HostLookup.Unknown => Refuse(request, CallErrors.UnknownService(host, directory)),
            HostLookup.Refused => Refuse(request, CallErrors.RefusedService(host)),
            _ => await PassOnKnownAsync(address, request, primary, synchronous, lookup, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>Sends the request as without the mesh, with a better error if DNS does not know the host.</summary>
    private async Task<HttpResponseMessage> PassOnKnownAsync(
        Uri address,
        HttpRequestMessage request,
        PrimaryHandler primary,
        bool synchronous,
        HostLookup lookup,
        CancellationToken cancellationToken)
    {
        var host = address.Host;
        try
        {
            var response = await PassOn(address, request, primary, synchronous, cancellationToken).ConfigureAwait(false);
            directory.External.Add(host);
            return response;
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.NameResolutionError)
        {
            directory.External.Remove(host);
            throw lookup == HostLookup.Dotted
                ? CallErrors.NotConfigured(host, exception)
                : CallErrors.NotResolved(host, exception, directory);
        }
        catch (HttpRequestException)
        {
            // It has an address, and is not a service of the mesh.
            directory.External.Add(host);
            throw;
        }
    }

    /// <summary>Sends the request as it is. If the message is already under way to a service, a copy without what the mesh has written on
    /// it; and while it is under way here, a call to a service with the same message leaves it alone.</summary>
    /// <param name="address">The address that was looked up; null if it was an endpoint's, which says nothing about what the user asks for:
    /// that is looked up once the message is copied.</param>
    /// <param name="request">The request.</param>
    /// <param name="primary">The client's primary handler.</param>
    /// <param name="synchronous">Whether the caller blocks.</param>
    /// <param name="cancellationToken">The caller's.</param>
    private async Task<HttpResponseMessage> PassOn(
        Uri? address, HttpRequestMessage request, PrimaryHandler primary, bool synchronous, CancellationToken cancellationToken)
    {
        var use = Uses.Get();
        try
        {
            var sent = Enter(use, request, primary);
            if (!ReferenceEquals(sent.RequestUri, address))
            {
                // The address was another sending's, which began or ended at the same time.
                var anew = Start(sent, primary, synchronous, cancellationToken);
                return use.Answered(synchronous ? anew.GetAwaiter().GetResult() : await anew.ConfigureAwait(false));
            }

            if (use.IsCopy && sent.Content is { } content && RequestBody.IsReadInTurn(content))
            {
                sent.Content = UploadContent.For(Upload.Of(content, clock));
            }

            return use.Answered(
                synchronous
                    ? primary.Send(sent, cancellationToken)
                    : await primary.SendAsync(sent, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            Uses.Return(use);
        }
    }

    private static HttpRequestMessage Enter(MessageUse use, HttpRequestMessage request, PrimaryHandler primary)
    {
        var sent = use.Enter(request, primary);
        if (use.IsCopy)
        {
            BodyTurn.Share(sent.Content, UploadContent.UploadOf(use.Carried));
        }

        return sent;
    }
}
