using System.Text;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>One instance as a registry listed it; nothing in it has been checked yet.</summary>
/// <remarks>There may be tens of thousands: its own texts are one array of bytes, and what it has in common with others is shared.</remarks>
internal sealed class EurekaInstance : IEndpointNames
{
    // The id, the host name and the IP address. The host name is often how the id begins, and then not there twice.
    private readonly byte[] _texts;
    private readonly int _idLength;
    private readonly TextRange _hostName;
    private readonly TextRange _ipAddress;
    private readonly int _port;
    private readonly int _securePort;
    private readonly Flags _flags;
    private readonly EurekaStatus _status;
    private readonly EurekaStatus _overriddenStatus;

    /// <param name="fields">What was read; nothing of it is kept.</param>
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
        _flags = (fields.Deleted ? Flags.Deleted : 0) | (fields.Port.Enabled ? Flags.PortEnabled : 0) | (fields.SecurePort.Enabled ? Flags.SecurePortEnabled : 0);

        _idLength = fields.Id.Length;
        var isPrefix = fields.HasHostName && fields.Id.StartsWith(fields.HostName);
        var ownHost = fields.HasHostName && !isPrefix;
        var isHost = fields.HasIPAddress && fields.HasHostName && fields.IPAddress.SequenceEqual(fields.HostName);
        var ownAddress = fields.HasIPAddress && !isHost;
        _texts = new byte[_idLength + (ownHost ? fields.HostName.Length : 0) + (ownAddress ? fields.IPAddress.Length : 0)];
        fields.Id.CopyTo(_texts);
        _hostName = fields.HasHostName ? new TextRange(isPrefix ? 0 : _idLength, fields.HostName.Length) : TextRange.None;
        _ipAddress = isHost ? _hostName
            : ownAddress ? new TextRange(_texts.Length - fields.IPAddress.Length, fields.IPAddress.Length)
            : TextRange.None;
        if (ownHost)
        {
            fields.HostName.CopyTo(_texts.AsSpan(_hostName.Start));
        }

        if (ownAddress)
        {
            fields.IPAddress.CopyTo(_texts.AsSpan(_ipAddress.Start));
        }
    }

    [Flags]
    private enum Flags : byte
    {
        Deleted = 1,
        PortEnabled = 2,
        SecurePortEnabled = 4,
    }

    public EurekaNames Names { get; }

    /// <summary>Made for each caller.</summary>
    public InstanceKey Key => new(Names.App, Id);

    public ReadOnlySpan<byte> IdBytes => _texts.AsSpan(0, _idLength);

    public string Id => Encoding.UTF8.GetString(IdBytes);

    public string? HostName => Text(_hostName);

    public ReadOnlySpan<byte> HostNameBytes => _hostName.Of(_texts);

    public string? IPAddress => Text(_ipAddress);

    public ReadOnlySpan<byte> IPAddressBytes => _ipAddress.Of(_texts);

    public EurekaStatus Status => _status;

    public bool IsUp => _status == EurekaStatus.Up;

    /// <summary>What an operator, or the application itself, has set in place of the registered status; unknown for nothing.</summary>
    public EurekaStatus OverriddenStatus => _overriddenStatus;

    /// <summary>The version of the registration, which each new one raises: milliseconds since 1970; 0 where the registry does not say.</summary>
    public long LastDirty { get; }

    /// <summary>Whether a delta says that the instance is gone. Meaningless in a full answer.</summary>
    public bool Deleted => (_flags & Flags.Deleted) != 0;

    public EurekaPort Port => new(_port, (_flags & Flags.PortEnabled) != 0);

    public EurekaPort SecurePort => new(_securePort, (_flags & Flags.SecurePortEnabled) != 0);

    /// <summary>Names the instance can be called by, comma separated.</summary>
    public string? VipAddress => Names.VipAddress;

    public string? SecureVipAddress => Names.SecureVipAddress;

    /// <summary>The availability zone that a cloud's data centre entry names, if any.</summary>
    public string? DataCenterZone { get; }

    public LabelMap Metadata { get; }

    /// <summary>The endpoint that the publisher has made of it; null where it cannot be called, or nobody has looked yet.</summary>
    public EndpointDescription? Endpoint { get; set; }

    /// <summary>Whether another answer says the same of it.</summary>
    public bool Says(in InstanceFields fields) =>
        LastDirty == fields.LastDirty
        && _status == fields.Status
        && _overriddenStatus == fields.OverriddenStatus
        && Deleted == fields.Deleted
        && Port == fields.Port
        && SecurePort == fields.SecurePort
        && IdBytes.SequenceEqual(fields.Id)
        && _hostName.IsNone != fields.HasHostName && HostNameBytes.SequenceEqual(fields.HostName)
        && _ipAddress.IsNone != fields.HasIPAddress && IPAddressBytes.SequenceEqual(fields.IPAddress);

    private string? Text(TextRange range) => range.IsNone ? null : Encoding.UTF8.GetString(range.Of(_texts));
}
