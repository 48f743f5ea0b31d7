using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>Reads one instance: collects the few texts that count, and makes an object of them only where the registry says something new.</summary>
internal sealed class InstanceReader(ReaderMemory memory)
{
    private readonly (TextRange Key, TextRange Value)[] _labels = new (TextRange Key, TextRange Value)[RegistryLimits.Labels];
    private readonly TextBuffer _texts = new();
    private int _labelCount;
    private ulong _labelMarks;

    /// <summary>Reads the object that the reader is at.</summary>
    /// <param name="json">At its start; afterwards at its end.</param>
    /// <param name="application">The application it is listed under, for an instance that does not name it.</param>
    public EurekaInstance Read(ref EurekaJson json, string? application)
    {
        Clear();
        Found found = default;
        while (json.ReadProperty())
        {
            ReadField(ref json, ref found);
        }

        var fields = new InstanceFields
        {
            // A server identifies an instance without an id by its host name.
            Id = (found.Id ?? found.HostName ?? default).Of(_texts.Bytes),
            HasHostName = found.HostName is not null,
            HostName = Bytes(found.HostName),
            HasIPAddress = found.IPAddress is not null,
            IPAddress = Bytes(found.IPAddress),
            Status = EurekaStatusNames.Parse(Bytes(found.Status)),
            // Current servers write the first name, old ones and every registration the second.
            OverriddenStatus = EurekaStatusNames.Parse(Bytes(found.OverriddenStatus ?? found.OldOverriddenStatus)),
            LastDirty = long.TryParse(Bytes(found.LastDirty), NumberStyles.None, CultureInfo.InvariantCulture, out var dirty) ? dirty : 0,
            Deleted = Bytes(found.Action).SequenceEqual("DELETED"u8),
            Port = found.Port,
            SecurePort = found.SecurePort,
        };
        return Resolve(fields, found, (found.App is { } app ? memory.Texts.Get(app.Of(_texts.Bytes)) : application ?? string.Empty).ToUpperInvariant());
    }

    /// <summary>The text of a value as a string.</summary>
    public string? ReadString(ref EurekaJson json)
    {
        Clear();
        return _texts.Read(ref json) is { } text ? memory.Texts.Get(text.Of(_texts.Bytes)) : null;
    }

    private void Clear()
    {
        _texts.Clear();
        _labelCount = 0;
        _labelMarks = 0;
    }

    /// <summary>The instance of the last answer, if it says the same.</summary>
    private EurekaInstance Resolve(in InstanceFields fields, in Found found, string app)
    {
        var labels = _labels.AsSpan(0, _labelCount);
        var known = memory.Known?.Find(app, fields.Id);
        var names = known?.Names is { } same && same.App == app && Same(same.VipAddress, found.VipAddress) && Same(same.SecureVipAddress, found.SecureVipAddress)
            ? same
            : memory.NamesOf(app, String(found.VipAddress), String(found.SecureVipAddress));
        var metadata = known is not null && ReaderMemory.Same(known.Metadata, _texts.Bytes, labels, withValues: true) ? known.Metadata : memory.LabelsOf(_texts.Bytes, labels);
        return known is not null && ReferenceEquals(known.Names, names) && ReferenceEquals(known.Metadata, metadata) && Same(known.DataCenterZone, found.Zone) && known.Says(fields)
            ? known
            : new EurekaInstance(fields, names, metadata, String(found.Zone));
    }

    private void ReadField(ref EurekaJson json, ref Found found)
    {
        var field = FieldOf(ref json);
        if (field == InstanceField.None)
        {
            json.SkipNext();
            return;
        }

        if ((found.Seen & field) != 0)
        {
            throw json.Twice();
        }

        found.Seen |= field;
        json.Read();
        switch (field)
        {
            case InstanceField.Id:
                found.Id = _texts.Read(ref json);
                break;
            case InstanceField.HostName:
                found.HostName = _texts.Read(ref json);
                break;
            case InstanceField.App:
                found.App = _texts.Read(ref json);
                break;
            case InstanceField.IPAddress:
                found.IPAddress = _texts.Read(ref json);
                break;
            case InstanceField.Status:
                found.Status = _texts.Read(ref json);
                break;
            case InstanceField.OverriddenStatus:
                found.OverriddenStatus = _texts.Read(ref json);
                break;
            case InstanceField.OldOverriddenStatus:
                found.OldOverriddenStatus = _texts.Read(ref json);
                break;
            case InstanceField.LastDirty:
                found.LastDirty = _texts.Read(ref json);
                break;
            case InstanceField.Action:
                found.Action = _texts.Read(ref json);
                break;
            case InstanceField.Port:
                found.Port = ReadPort(ref json, enabledByDefault: true);
                break;
            case InstanceField.SecurePort:
                found.SecurePort = ReadPort(ref json, enabledByDefault: false);
                break;
            case InstanceField.VipAddress:
                found.VipAddress = _texts.Read(ref json);
                break;
            case InstanceField.SecureVipAddress:
                found.SecureVipAddress = _texts.Read(ref json);
                break;
            case InstanceField.DataCenter:
                found.Zone = ReadZone(ref json);
                break;
            default:
                ReadMetadata(ref json);
                break;
        }
    }

    private EurekaPort ReadPort(ref EurekaJson json, bool enabledByDefault)
    {
        if (json.Type != JsonTokenType.StartObject)
        {
            return new EurekaPort(Number(_texts.Read(ref json)), enabledByDefault);
        }

        TextRange? number = null;
        TextRange? enabled = null;
        var (hasNumber, hasEnabled) = (false, false);
        while (json.ReadProperty())
        {
            if (json.Reader.ValueTextEquals("$"u8))
            {
                json.Once(ref hasNumber);
                json.Read();
                number = _texts.Read(ref json);
            }
            else if (json.Reader.ValueTextEquals("@enabled"u8))
            {
                json.Once(ref hasEnabled);
                json.Read();
                enabled = _texts.Read(ref json);
            }
            else
            {
                json.SkipNext();
            }
        }

        return new EurekaPort(Number(number), enabled is { } text ? text.Of(_texts.Bytes).SequenceEqual("true"u8) : enabledByDefault);
    }

    private TextRange? ReadZone(ref EurekaJson json)
    {
        TextRange? zone = null;
        if (json.Type != JsonTokenType.StartObject)
        {
            json.Skip();
            return zone;
        }

        var (hasFacts, hasZone) = (false, false);
        while (json.ReadProperty())
        {
            if (!json.Reader.ValueTextEquals("metadata"u8))
            {
                json.SkipNext();
                continue;
            }

            json.Once(ref hasFacts);
            json.Read();
            if (json.Type != JsonTokenType.StartObject)
            {
                json.Skip();
                continue;
            }

            while (json.ReadProperty())
            {
                if (!json.Reader.ValueTextEquals("availability-zone"u8))
                {
                    json.SkipNext();
                    continue;
                }

                json.Once(ref hasZone);
                json.Read();
                zone = _texts.Read(ref json);
            }
        }

        return zone;
    }

    private void ReadMetadata(ref EurekaJson json)
    {
        if (json.Type != JsonTokenType.StartObject)
        {
            json.Skip();
            return;
        }

        while (json.ReadProperty())
        {
            if (_labelCount == RegistryLimits.Labels)
            {
                json.SkipNext();
                continue;
            }

            // "@class" is the codec's, not the application's. An odd entry is left out by itself: whoever may register one instance must not
            // be able to keep all others from being read.
            var key = _texts.Copy(ref json);
            if (IsKnownLabel(key.Of(_texts.Bytes)))
            {
                throw json.Twice();
            }

            json.Read();
            if (_texts.Read(ref json) is { } value && IsLabel(key.Of(_texts.Bytes), value.Of(_texts.Bytes)))
            {
                _labels[_labelCount++] = (key, value);
            }
        }
    }

    private bool IsKnownLabel(ReadOnlySpan<byte> key)
    {
        // Nearly every key is new, and one look says so.
        var mark = key.IsEmpty ? 1UL : 1UL << ((key.Length + (key[0] * 7) + (key[^1] * 31)) & 63);
        if ((_labelMarks & mark) == 0)
        {
            _labelMarks |= mark;
            return false;
        }

        for (var i = 0; i < _labelCount; i++)
        {
            if (_labels[i].Key.Of(_texts.Bytes).SequenceEqual(key))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLabel(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        !key.IsEmpty && !key.SequenceEqual("@class"u8)
        && IsLabelText(key, RegistryLimits.LabelKeyLength) && IsLabelText(value, RegistryLimits.LabelValueLength);

    // Control characters have no business in a value that may be compared with headers.
    private static bool IsLabelText(ReadOnlySpan<byte> utf8, int longest) => !utf8.ContainsAnyExceptInRange((byte)' ', (byte)'~')
        ? utf8.Length <= longest
        : utf8.Length <= longest * 3 && Encoding.UTF8.GetString(utf8) is var text && text.Length <= longest && !Printable.HasControl(text);

    /// <summary>Which field the name that the reader is at stands for.</summary>
    private InstanceField FieldOf(ref EurekaJson json)
    {
        ref var reader = ref json.Reader;
        if (!reader.HasValueSequence && !reader.ValueIsEscaped)
        {
            return InstanceFieldNames.Of(reader.ValueSpan);
        }

        var name = _texts.Copy(ref json);
        _texts.Drop(name);
        return InstanceFieldNames.Of(name.Of(_texts.Bytes));
    }

    private ReadOnlySpan<byte> Bytes(TextRange? text) => text is { } range ? range.Of(_texts.Bytes) : [];

    private string? String(TextRange? text) => text is { } range ? memory.Texts.Get(range.Of(_texts.Bytes)) : null;

    private bool Same(string? known, TextRange? text) => known is null || text is null ? known is null && text is null : ReaderMemory.Same(known, Bytes(text));

    private int Number(TextRange? text) =>
        int.TryParse(Bytes(text), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Where the texts of an instance lie; null for what is missing or odd.</summary>
    private struct Found
    {
        public InstanceField Seen;
        public TextRange? Id;
        public TextRange? HostName;
        public TextRange? App;
        public TextRange? IPAddress;
        public TextRange? Status;
        public TextRange? OverriddenStatus;
        public TextRange? OldOverriddenStatus;
        public TextRange? LastDirty;
        public TextRange? Action;
        public TextRange? VipAddress;
        public TextRange? SecureVipAddress;
        public TextRange? Zone;
        public EurekaPort Port;
        public EurekaPort SecurePort;
    }
}
