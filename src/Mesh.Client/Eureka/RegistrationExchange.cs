using System.Globalization;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Registration;

namespace Mesh.Client.Eureka;

/// <summary>Brings the registry to the wanted state, one request after the other. Used by one flow at a time.</summary>
internal sealed class RegistrationExchange(EurekaClient client, RegistrationVersions versions, InstanceRegistration registration)
{
    private (WantedRegistration Content, long Dirty)? _pending;
    private (WantedRegistration Content, long Dirty)? _sent;
    private RegistrationStatus _carried;
    private bool _ownsOverride;

    /// <summary>Whether the registry has accepted the wanted state, so that only heartbeats are due.</summary>
    public bool IsCurrent(WantedRegistration wanted) => _sent is { } sent && sent.Content == wanted;

    /// <summary>Whether the override that the registry shows is this application's own.</summary>
    public bool OwnsOverride => _ownsOverride;

    /// <summary>Sends the next request that is due.</summary>
    /// <param name="wanted">What is wanted.</param>
    /// <param name="overridden">The status that an operator has set, as far as known.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="EurekaException">No server accepted it; the same request is due again.</exception>
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

        // Changed and changed back in between: equal, though not the same object.
        _sent = (wanted, sent.Dirty);
        return await client.HeartbeatAsync(registration, wanted.Effective, sent.Dirty, cancellationToken).ConfigureAwait(false)
            ? RegistrationStep.Renewed
            : RegistrationStep.Forgotten;
    }

    /// <summary>Renews the last accepted registration after a failed change: an entry that the registry refuses must not cost the
    /// lease.</summary>
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
                // The failed change was reported; this is the same failure.
            }
        }
    }

    /// <summary>Registers. After a failure, the same version is sent again.</summary>
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
        // A first registration brings its override along. Over a lease that is UP a server ignores it: unless the server has it already, it
        // is sent separately.
        _ownsOverride |= wanted.TakenOut && _sent is null;
        _sent = (wanted with { TakenOut = _ownsOverride }, pending.Dirty);
        _pending = null;
        _carried = RegistrationStatus.Unknown;
        return RegistrationStep.Registered;
    }

    /// <summary>The registry's entry of this instance; null if it has none.</summary>
    public Task<EurekaInstance?> LookAsync(CancellationToken cancellationToken) =>
        client.GetInstanceAsync(registration.App, registration.InstanceId, cancellationToken);

    /// <summary>Whether the registry has a later version than the one it was sent: it keeps that one and ignores this one.</summary>
    public bool IsOutdated(EurekaInstance shown) => _sent is { } sent && shown.LastDirty > sent.Dirty && versions.Exceed(shown.LastDirty);

    /// <summary>The difference between the registry's entry and this application's registration that keeps callers from reaching it; null
    /// if there is none.</summary>
    public string? DifferenceOf(EurekaInstance shown)
    {
        var address = registration.Address;
        if (_sent is not { } sent)
        {
            return null;
        }

        // The registry replaces an older version of this application; a later one of another client stays.
        return !string.Equals(shown.HostName, address.HostName, StringComparison.OrdinalIgnoreCase)
                || (address.Port is { } port && shown.Port.Number != port)
                || (address.SecurePort is { } secure && shown.SecurePort.Number != secure)
            ? string.Create(
                CultureInfo.InvariantCulture, $"at {shown.HostName}:{(shown.Port.Enabled ? shown.Port.Number : shown.SecurePort.Number)}")
            : shown.LastDirty > sent.Dirty && !RegistrationVersions.IsOfThisWorld(shown.LastDirty)
                ? "with a version that no later one can exceed"
                : null;
    }

    /// <summary>Makes a registration the next request, with the override that the registry may have lost.</summary>
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
            // An operator's override is left alone: the application must not remove later what it has not set.
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

    /// <summary>For a server without overrides: the status is in the registration only.</summary>
    private async Task<RegistrationStep> RegisterWholeAsync(WantedRegistration wanted, CancellationToken cancellationToken)
    {
        _sent = null;
        _ownsOverride = false;
        return await RegisterAsync(wanted, null, cancellationToken).ConfigureAwait(false);
    }
}
