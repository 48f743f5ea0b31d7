using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>Reads one instance: collects the few texts that count, and makes an object of them only where the registry says something new.</summary>
internal sealed class InstanceReader(ReaderMemory memory)
{
    private const int UsualBytes = 4 * 1024;
    private const int MostKeptBytes = 64 * 1024;

    /// <summary>Texts that are none cost an exception each. A registry that sends so many is no registry.</summary>
    private const int MostIllFormed = 1000;

    private readonly (TextRange Key, TextRange Value)[] _labels = new (TextRange Key, TextRange Value)[RegistryLimits.Labels];
    private byte[] _texts = new byte[UsualBytes];
    private int _used;
    private int _labelCount;
    private ulong _labelMarks;
    private int _illFormed;

    /// <summary>A new answer begins.</summary>
    public void Begin() => _illFormed = 0;

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
            Id = (found.Id ?? found.HostName ?? default).Of(_texts),
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
        return Resolve(fields, found, (found.App is { } app ? memory.Texts.Get(app.Of(_texts)) : application ?? string.Empty).ToUpperInvariant());
    }

    /// <summary>The text of a value, kept until the next instance; null for what is none.</summary>
    public TextRange? ReadText(ref EurekaJson json)
    {
        switch (json.Type)
        {
            case JsonTokenType.String:
                return Copy(ref json);
            case JsonTokenType.Number:
                return Copy(ref json);
            case JsonTokenType.True:
                return Keep("true"u8);
            case JsonTokenType.False:
                return Keep("false"u8);
            default:
                json.Skip();
                return null;
        }
    }

    /// <summary>The text of a value as a string.</summary>
    public string? ReadString(ref EurekaJson json)
    {
        Clear();
        return ReadText(ref json) is { } text ? memory.Texts.Get(text.Of(_texts)) : null;
    }

    private void Clear()
    {
        _used = 0;
        _labelCount = 0;
        _labelMarks = 0;
        if (_texts.Length > MostKeptBytes)
        {
            _texts = new byte[UsualBytes];
        }
    }

    /// <summary>The instance of the last answer, if it says the same.</summary>
    private EurekaInstance Resolve(in InstanceFields fields, in Found found, string app)
    {
        var labels = _labels.AsSpan(0, _labelCount);
        var known = memory.Known?.Find(app, fields.Id);
        var names = known?.Names is { } same && same.App == app && Same(same.VipAddress, found.VipAddress) && Same(same.SecureVipAddress, found.SecureVipAddress)
            ? same
            : memory.NamesOf(app, String(found.VipAddress), String(found.SecureVipAddress));
        var metadata = known is not null && ReaderMemory.Same(known.Metadata, _texts, labels, withValues: true) ? known.Metadata : memory.LabelsOf(_texts, labels);
        return known is not null && ReferenceEquals(known.Names, names) && ReferenceEquals(known.Metadata, metadata) && Same(known.DataCenterZone, found.Zone) && known.Says(fields)
            ? known
            : new EurekaInstance(fields, names, metadata, String(found.Zone));
    }

    private void ReadField(ref EurekaJson json, ref Found found)
    {
        var field = FieldOf(ref json);
        if (field == Field.None)
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
            case Field.Id:
                found.Id = ReadText(ref json);
                break;
            case Field.HostName:
                found.HostName = ReadText(ref json);
                break;
            case Field.App:
                found.App = ReadText(ref json);
                break;
            case Field.IPAddress:
                found.IPAddress = ReadText(ref json);
                break;
            case Field.Status:
                found.Status = ReadText(ref json);
                break;
            case Field.OverriddenStatus:
                found.OverriddenStatus = ReadText(ref json);
                break;
            case Field.OldOverriddenStatus:
                found.OldOverriddenStatus = ReadText(ref json);
                break;
            case Field.LastDirty:
                found.LastDirty = ReadText(ref json);
                break;
            case Field.Action:
                found.Action = ReadText(ref json);
                break;
            case Field.Port:
                found.Port = ReadPort(ref json, enabledByDefault: true);
                break;
            case Field.SecurePort:
                found.SecurePort = ReadPort(ref json, enabledByDefault: false);
                break;
            case Field.VipAddress:
                found.VipAddress = ReadText(ref json);
                break;
            case Field.SecureVipAddress:
                found.SecureVipAddress = ReadText(ref json);
                break;
            case Field.DataCenter:
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
            return new EurekaPort(Number(ReadText(ref json)), enabledByDefault);
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
                number = ReadText(ref json);
            }
            else if (json.Reader.ValueTextEquals("@enabled"u8))
            {
                json.Once(ref hasEnabled);
                json.Read();
                enabled = ReadText(ref json);
            }
            else
            {
                json.SkipNext();
            }
        }

        return new EurekaPort(Number(number), enabled is { } text ? text.Of(_texts).SequenceEqual("true"u8) : enabledByDefault);
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
                zone = ReadText(ref json);
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
            var key = Copy(ref json);
            if (key is { } name && IsKnownLabel(name.Of(_texts)))
            {
                throw json.Twice();
            }

            json.Read();
            if (ReadText(ref json) is { } value && key is { } taken && IsLabel(taken.Of(_texts), value.Of(_texts)))
            {
                _labels[_labelCount++] = (taken, value);
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
            if (_labels[i].Key.Of(_texts).SequenceEqual(key))
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
    private Field FieldOf(ref EurekaJson json)
    {
        ref var reader = ref json.Reader;
        if (!reader.HasValueSequence && !reader.ValueIsEscaped)
        {
            return FieldOf(reader.ValueSpan);
        }

        var used = _used;
        var field = Copy(ref json) is { } name ? FieldOf(name.Of(_texts)) : Field.None;
        _used = used;
        return field;
    }

    private static Field FieldOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 when name.SequenceEqual("app"u8) => Field.App,
        4 when name.SequenceEqual("port"u8) => Field.Port,
        6 when name.SequenceEqual("ipAddr"u8) => Field.IPAddress,
        6 when name.SequenceEqual("status"u8) => Field.Status,
        8 when name.SequenceEqual("hostName"u8) => Field.HostName,
        8 when name.SequenceEqual("metadata"u8) => Field.Metadata,
        10 when name.SequenceEqual("instanceId"u8) => Field.Id,
        10 when name.SequenceEqual("securePort"u8) => Field.SecurePort,
        10 when name.SequenceEqual("vipAddress"u8) => Field.VipAddress,
        10 when name.SequenceEqual("actionType"u8) => Field.Action,
        14 when name.SequenceEqual("dataCenterInfo"u8) => Field.DataCenter,
        16 when name.SequenceEqual("overriddenStatus"u8) => Field.OverriddenStatus,
        16 when name.SequenceEqual("overriddenstatus"u8) => Field.OldOverriddenStatus,
        16 when name.SequenceEqual("secureVipAddress"u8) => Field.SecureVipAddress,
        18 when name.SequenceEqual("lastDirtyTimestamp"u8) => Field.LastDirty,
        _ => Field.None,
    };

    private TextRange? Copy(ref EurekaJson json)
    {
        ref var reader = ref json.Reader;
        var length = reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length;
        var target = Room(length);
        if (reader.TokenType == JsonTokenType.Number || (!reader.HasValueSequence && !reader.ValueIsEscaped))
        {
            if (reader.HasValueSequence)
            {
                System.Buffers.BuffersExtensions.CopyTo(reader.ValueSequence, target);
            }
            else
            {
                reader.ValueSpan.CopyTo(target);
            }

            return Utf8.IsValid(target[..length]) ? Take(length) : IllFormed();
        }

        try
        {
            return Take(reader.CopyString(target));
        }
        catch (InvalidOperationException)
        {
            return IllFormed();
        }
    }

    private TextRange Keep(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        return Take(text.Length);
    }

    private Span<byte> Room(int length)
    {
        if (_texts.Length - _used < length)
        {
            Array.Resize(ref _texts, Math.Max(_texts.Length * 2, _used + length));
        }

        return _texts.AsSpan(_used);
    }

    private TextRange Take(int length)
    {
        var range = new TextRange(_used, length);
        _used += length;
        return range;
    }

    private TextRange? IllFormed() =>
        ++_illFormed <= MostIllFormed ? null : throw new JsonException($"more than {MostIllFormed} texts that are no UTF-8");

    private ReadOnlySpan<byte> Bytes(TextRange? text) => text is { } range ? range.Of(_texts) : [];

    private string? String(TextRange? text) => text is { } range ? memory.Texts.Get(range.Of(_texts)) : null;

    private bool Same(string? known, TextRange? text) => known is null || text is null ? known is null && text is null : ReaderMemory.Same(known, Bytes(text));

    private int Number(TextRange? text) =>
        int.TryParse(Bytes(text), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [Flags]
    private enum Field
    {
        None = 0,
        Id = 1 << 0,
        HostName = 1 << 1,
        App = 1 << 2,
        IPAddress = 1 << 3,
        Status = 1 << 4,
        OverriddenStatus = 1 << 5,
        OldOverriddenStatus = 1 << 6,
        LastDirty = 1 << 7,
        Action = 1 << 8,
        Port = 1 << 9,
        SecurePort = 1 << 10,
        VipAddress = 1 << 11,
        SecureVipAddress = 1 << 12,
        DataCenter = 1 << 13,
        Metadata = 1 << 14,
    }

    /// <summary>Where the texts of an instance lie; null for what is missing or odd.</summary>
    private struct Found
    {
        public Field Seen;
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
