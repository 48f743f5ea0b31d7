using System.Globalization;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Registration;

namespace Mesh.Client.Eureka;

/// <summary>Brings what the registry has to what is wanted, one request after the other. Used by one flow at a time.</summary>
internal sealed class RegistrationExchange(EurekaClient client, RegistrationVersions versions, InstanceRegistration registration)
{
    private (WantedRegistration Content, long Dirty)? _pending;
    private (WantedRegistration Content, long Dirty)? _sent;
    private RegistrationStatus _carried;
    private bool _ownsOverride;

    /// <summary>Whether what is wanted is what the registry has taken, so that only heartbeats are due.</summary>
    public bool IsCurrent(WantedRegistration wanted) => _sent is { } sent && sent.Content == wanted;

    /// <summary>Whether the override that the registry shows is this application's own.</summary>
    public bool OwnsOverride => _ownsOverride;

    /// <summary>Sends the next request that is due.</summary>
    /// <param name="wanted">What is wanted.</param>
    /// <param name="overridden">What an operator has set, as far as is known.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="EurekaException">No server took it; the same request is due again.</exception>
    public async Task<RegistrationStep> NextAsync(
        WantedRegistration wanted, RegistrationStatus? overridden, CancellationToken cancellationToken)
    {
        if (_sent is not { } sent || sent.Content.Status != wanted.Status || wanted.Lacks(sent.Content))
        {
            return await RegisterAsync(wanted, null, cancellationToken).ConfigureAwait(false);
        }

        if (wanted.Added(sent.Content) is { Count: > 0 } added)
        {
            if (!await client.AddMetadataAsync(registration, added, cancellationToken).ConfigureAwait(false))
            {
                return await RegisterAsync(wanted, null, cancellationToken).ConfigureAwait(false);
            }

            _sent = (sent.Content with { Metadata = wanted.Metadata }, sent.Dirty);
            return RegistrationStep.Changed;
        }

        if (sent.Content.TakenOut != wanted.TakenOut)
        {
            return await ChangeOverrideAsync(wanted, overridden, sent.Dirty, cancellationToken).ConfigureAwait(false);
        }

        // Changed and changed back in between: equal, if not the same.
        _sent = (wanted, sent.Dirty);
        return await client.HeartbeatAsync(registration, wanted.Effective, sent.Dirty, cancellationToken).ConfigureAwait(false)
            ? RegistrationStep.Renewed
            : RegistrationStep.Forgotten;
    }

    /// <summary>Renews what the registry has, where a change of it failed: an entry that the
    /// registry refuses must not cost the lease.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        if (_sent is { } sent)
        {
            try
            {
                await client.HeartbeatAsync(registration, sent.Content.Effective, sent.Dirty, cancellationToken).ConfigureAwait(false);
            }
            catch (EurekaException)
            {
                // The failure of the change has been reported; this is the same trouble.
            }
        }
    }

    /// <summary>Registers. Repeated after a failure it is the same version.</summary>
    public async Task<RegistrationStep> RegisterAsync(WantedRegistration wanted, TimeSpan? budget, CancellationToken cancellationToken)
    {
        if (_pending is not { } pending || pending.Content != wanted)
        {
            _pending = pending = (wanted, versions.Next());
        }

        var body = registration with
        {
            Metadata = wanted.Metadata,
            Overridden = wanted.TakenOut ? RegistrationStatus.OutOfService : _carried,
        };
        await client.RegisterAsync(body, wanted.Effective, pending.Dirty, budget, cancellationToken).ConfigureAwait(false);
        // A first registration brings its override along. Over a lease that is UP a server ignores
        // it: unless it has it already, it is told apart.
        _ownsOverride |= wanted.TakenOut && _sent is null;
        _sent = (wanted with { TakenOut = _ownsOverride }, pending.Dirty);
        _pending = null;
        _carried = RegistrationStatus.Unknown;
        return RegistrationStep.Registered;
    }

    /// <summary>The registry as it shows this instance; null if it does not.</summary>
    public Task<EurekaInstance?> LookAsync(CancellationToken cancellationToken) =>
        client.GetInstanceAsync(registration.App, registration.InstanceId, cancellationToken);

    /// <summary>Whether the registry has a later version than the one it was sent: it keeps that
    /// one, and this one counts for nothing.</summary>
    public bool IsOutdated(EurekaInstance shown) => _sent is { } sent && shown.LastDirty > sent.Dirty && versions.Exceed(shown.LastDirty);

    /// <summary>How what the registry shows differs from what this application has registered, so that callers
    /// do not reach it; null where they do.</summary>
    public string? DifferenceOf(EurekaInstance shown)
    {
        var address = registration.Address;
        if (_sent is not { } sent)
        {
            return null;
        }

        // An older version of our own is replaced; a later one of another client stays.
        return !string.Equals(shown.HostName, address.HostName, StringComparison.OrdinalIgnoreCase)
                || (address.Port is { } port && shown.Port.Number != port)
                || (address.SecurePort is { } secure && shown.SecurePort.Number != secure)
            ? string.Create(
                CultureInfo.InvariantCulture, $"at {shown.HostName}:{(shown.Port.Enabled ? shown.Port.Number : shown.SecurePort.Number)}")
            : shown.LastDirty > sent.Dirty && !RegistrationVersions.IsOfThisWorld(shown.LastDirty)
                ? "with a version that no later one can exceed"
                : null;
    }

    /// <summary>The next request is a registration, with the override that the registry may have lost.</summary>
    public void Restart(RegistrationStatus carried)
    {
        _sent = null;
        _pending = null;
        _carried = carried;
    }

    private async Task<RegistrationStep> ChangeOverrideAsync(
        WantedRegistration wanted, RegistrationStatus? overridden, long dirty, CancellationToken cancellationToken)
    {
        if (wanted.TakenOut)
        {
            // An operator's is left as it is: what this application has not set it must not take away later.
            var foreign = overridden == RegistrationStatus.OutOfService && !_ownsOverride;
            if (!foreign
                && !await client.OverrideStatusAsync(registration, RegistrationStatus.OutOfService, cancellationToken)
                    .ConfigureAwait(false))
            {
                return await RegisterWholeAsync(wanted, cancellationToken).ConfigureAwait(false);
            }

            _ownsOverride = !foreign;
        }
        else if (_ownsOverride)
        {
            if (!await client.RemoveOverrideAsync(registration, wanted.Status, cancellationToken).ConfigureAwait(false))
            {
                return await RegisterWholeAsync(wanted, cancellationToken).ConfigureAwait(false);
            }

            _ownsOverride = false;
        }

        _sent = (wanted, dirty);
        return RegistrationStep.Changed;
    }

    /// <summary>For a server that has no overrides: the registration is all there is.</summary>
    private async Task<RegistrationStep> RegisterWholeAsync(WantedRegistration wanted, CancellationToken cancellationToken)
    {
        _sent = null;
        _ownsOverride = false;
        return await RegisterAsync(wanted, null, cancellationToken).ConfigureAwait(false);
    }
}
