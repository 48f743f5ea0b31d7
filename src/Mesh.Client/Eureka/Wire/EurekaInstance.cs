using System.Text;
using Mesh.Client.Model;
using Mesh.Client.Registration;

namespace Mesh.Client.Eureka.Wire;

/// <summary>One instance as a registry listed it, with nothing checked yet.</summary>
/// <remarks>There may be tens of thousands: its own texts are one array of bytes, and values that it has in common with others are
/// shared.</remarks>
internal sealed class EurekaInstance : IEndpointNames
{
    // The id, the host name and the IP address. Often the id begins with the host name, which is then stored once.
    private readonly byte[] _texts;
    private readonly int _idLength;
    private readonly int _hostLength;
    private readonly int _addressLength;
    private readonly int _port;
    private readonly int _securePort;
    private readonly Flags _flags;
    private readonly RegistrationStatus _status;
    private readonly RegistrationStatus _overriddenStatus;

    /// <param name="fields">The fields as read; they are copied.</param>
    /// <param name="names">Its names.</param>
    /// <param name="metadata">Its labels.</param>
    /// <param name="dataCenterZone">Its zone.</param>
    public EurekaInstance(in InstanceFields fields, EurekaNames names, LabelMap metadata, string? dataCenterZone)
    {
        Names = names;
        Metadata = metadata;
        DataCenterZone = dataCenterZone;
        LastDirty = fields.LastDirty;
        _status = fields.Status;
        _overriddenStatus = fields.OverriddenStatus;
        _port = fields.Port.Number;
        _securePort = fields.SecurePort.Number;
        _idLength = fields.Id.Length;
        var isPrefix = fields.HasHostName && fields.Id.StartsWith(fields.HostName);
        var isHost = fields.HasIPAddress && fields.HasHostName && fields.IPAddress.SequenceEqual(fields.HostName);
        _hostLength = fields.HasHostName ? fields.HostName.Length : TextRange.None.Length;
        _addressLength = fields.HasIPAddress ? fields.IPAddress.Length : TextRange.None.Length;
        _flags = (fields.Deleted ? Flags.Deleted : 0)
            | (fields.Port.Enabled ? Flags.PortEnabled : 0)
            | (fields.SecurePort.Enabled ? Flags.SecurePortEnabled : 0)
            | (isPrefix ? Flags.IdBeginsWithHost : 0)
            | (isHost ? Flags.AddressIsHost : 0);

        ReadOnlySpan<byte> host = isPrefix ? [] : fields.HostName;
        ReadOnlySpan<byte> address = isHost ? [] : fields.IPAddress;
        _texts = new byte[_idLength + host.Length + address.Length];
        fields.Id.CopyTo(_texts);
        host.CopyTo(_texts.AsSpan(_idLength));
        address.CopyTo(_texts.AsSpan(_idLength + host.Length));
    }

    [Flags]
    private enum Flags : byte
    {
        Deleted = 1,
        PortEnabled = 2,
        SecurePortEnabled = 4,
        IdBeginsWithHost = 8,
        AddressIsHost = 16,
    }

    public EurekaNames Names { get; }

    /// <summary>Created anew for each caller.</summary>
    public InstanceKey Key => new(Names.App, Id);

    public ReadOnlySpan<byte> IdBytes => _texts.AsSpan(0, _idLength);

    public string Id => Encoding.UTF8.GetString(IdBytes);

    public string? HostName => Text(Host);

    public ReadOnlySpan<byte> HostNameBytes => Host.Of(_texts);

    public string? IPAddress => Text(Address);

    public ReadOnlySpan<byte> IPAddressBytes => Address.Of(_texts);

    public RegistrationStatus Status => _status;

    public bool IsUp => _status == RegistrationStatus.Up;

    /// <summary>The status that an operator, or the application itself, has set in place of the registered one; unknown for none.</summary>
    public RegistrationStatus OverriddenStatus => _overriddenStatus;

    /// <summary>The version of the registration, raised by each new one: milliseconds since 1970; 0 where the registry does not
    /// say.</summary>
    public long LastDirty { get; }

    /// <summary>Whether a delta reports the instance as gone. Meaningless in a full answer.</summary>
    public bool Deleted => (_flags & Flags.Deleted) != 0;

    public EurekaPort Port => new(_port, (_flags & Flags.PortEnabled) != 0);

    public EurekaPort SecurePort => new(_securePort, (_flags & Flags.SecurePortEnabled) != 0);

    /// <summary>Names the instance can be called by, comma separated.</summary>
    public string? VipAddress => Names.VipAddress;

    public string? SecureVipAddress => Names.SecureVipAddress;

    /// <summary>The availability zone that a cloud's data centre entry names, if any.</summary>
    public string? DataCenterZone { get; }

    public LabelMap Metadata { get; }

    /// <summary>The endpoint that the publisher made from it; null if it cannot be called, or is not published yet.</summary>
    public EndpointDescription? Endpoint { get; set; }

    private TextRange Host => new((_flags & Flags.IdBeginsWithHost) != 0 ? 0 : _idLength, _hostLength);

    private TextRange Address => (_flags & Flags.AddressIsHost) != 0 ? Host : new(_texts.Length - _addressLength, _addressLength);

    /// <summary>Whether another answer describes it in the same way.</summary>
    public bool Says(in InstanceFields fields) =>
        LastDirty == fields.LastDirty
        && _status == fields.Status
        && _overriddenStatus == fields.OverriddenStatus
        && Deleted == fields.Deleted
        && Port == fields.Port
        && SecurePort == fields.SecurePort
        && IdBytes.SequenceEqual(fields.Id)
        && Host.IsNone != fields.HasHostName && HostNameBytes.SequenceEqual(fields.HostName)
        && Address.IsNone != fields.HasIPAddress && IPAddressBytes.SequenceEqual(fields.IPAddress);

    private string? Text(TextRange range) => range.IsNone ? null : Encoding.UTF8.GetString(range.Of(_texts));
}
