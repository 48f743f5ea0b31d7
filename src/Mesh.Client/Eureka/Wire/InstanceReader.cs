using System.Text;

namespace Mesh.Client.Eureka.Wire;

/// <summary>Reads one instance: collects the few texts that count, and builds an object only where the registry says something
/// new.</summary>
internal sealed class InstanceReader(ReaderMemory memory)
{
    private readonly LabelReader _labels = new();

    /// <summary>Reads the object that the reader is in, to its end.</summary>
    /// <param name="json">Inside the object; afterwards behind it.</param>
    /// <param name="application">The application it is listed under, for an instance that does not name it.</param>
    public EurekaInstance Read(ref EurekaJson json, string? application)
    {
        _labels.Clear();
        InstanceTexts texts = default;
        while (json.NextProperty())
        {
            ReadField(ref json, ref texts);
        }

        var fields = new InstanceFields
        {
            Id = IdOf(texts),
            HasHostName = texts.Has(InstanceField.HostName),
            HostName = texts.HostName,
            HasIPAddress = texts.Has(InstanceField.IPAddress),
            IPAddress = texts.IPAddress,
            Status = EurekaStatusNames.Parse(texts.Status),
            // Current servers write the first name, old ones and every registration the second.
            OverriddenStatus = EurekaStatusNames.Parse(
                texts.Has(InstanceField.OverriddenStatus) ? texts.OverriddenStatus : texts.OldOverriddenStatus),
            LastDirty = WireNumber.TryParse(texts.LastDirty, out var dirty) && dirty > 0 ? dirty : 0,
            Deleted = texts.Action.SequenceEqual("DELETED"u8),
            Port = texts.Port,
            SecurePort = texts.SecurePort,
        };
        var app = texts.Has(InstanceField.App) ? memory.Texts.Get(texts.App) : application ?? string.Empty;
        return Resolve(fields, texts, app.ToUpperInvariant());
    }

    /// <summary>As a server determines it: an instance without an id, or with an empty one, is identified by its machine in the cloud, or
    /// by its host. Old servers pass no id on; several instances of one host then have their ids in the metadata.</summary>
    private ReadOnlySpan<byte> IdOf(in InstanceTexts texts)
    {
        if (!texts.Id.IsEmpty)
        {
            return texts.Id;
        }

        if (!texts.MachineId.IsEmpty)
        {
            return texts.MachineId;
        }

        foreach (var (key, value) in _labels.Labels)
        {
            if (key.Of(_labels.Texts).SequenceEqual("instanceId"u8) && value.Of(_labels.Texts) is { IsEmpty: false } id)
            {
                return id;
            }
        }

        return texts.HostName;
    }

    /// <summary>The text of a value as a string.</summary>
    public string? ReadString(ref EurekaJson json) => json.TryReadText(out var text) ? memory.Texts.Get(text) : null;

    /// <summary>The instance of the last answer, if nothing has changed.</summary>
    private EurekaInstance Resolve(in InstanceFields fields, in InstanceTexts texts, string app)
    {
        var known = memory.Known?.Find(app, fields.Id);
        var (hasVip, hasSecureVip, hasZone) =
            (texts.Has(InstanceField.VipAddress), texts.Has(InstanceField.SecureVipAddress), texts.Has(InstanceField.DataCenter));
        var names = known?.Names is { } same
            && same.App == app
            && Same(same.VipAddress, hasVip, texts.VipAddress)
            && Same(same.SecureVipAddress, hasSecureVip, texts.SecureVipAddress)
            ? same
            : memory.NamesOf(app, String(hasVip, texts.VipAddress), String(hasSecureVip, texts.SecureVipAddress));
        var metadata = known is not null && ReaderMemory.Same(known.Metadata, _labels.Texts, _labels.Labels, withValues: true)
            ? known.Metadata
            : memory.LabelsOf(_labels.Texts, _labels.Labels);
        return known is not null
            && ReferenceEquals(known.Names, names)
            && ReferenceEquals(known.Metadata, metadata)
            && Same(known.DataCenterZone, hasZone, texts.Zone)
            && known.Says(fields)
            ? known
            : new EurekaInstance(fields, names, metadata, String(hasZone, texts.Zone));
    }

    private void ReadField(ref EurekaJson json, ref InstanceTexts texts)
    {
        var field = InstanceFieldNames.Of(json.Name);
        if (field == InstanceField.None)
        {
            json.Skip();
            return;
        }

        if ((texts.Seen & field) != 0)
        {
            throw json.Twice();
        }

        texts.Seen |= field;
        switch (field)
        {
            case InstanceField.Port:
                texts.Port = ReadPort(ref json, enabledByDefault: true);
                break;
            case InstanceField.SecurePort:
                texts.SecurePort = ReadPort(ref json, enabledByDefault: false);
                break;
            case InstanceField.DataCenter:
                ReadDataCenter(ref json, ref texts);
                break;
            case InstanceField.Metadata:
                _labels.Read(ref json);
                break;
            default:
                ReadText(ref json, ref texts, field);
                break;
        }
    }

    private static void ReadText(ref EurekaJson json, ref InstanceTexts texts, InstanceField field)
    {
        if (json.TryReadText(out var text))
        {
            InstanceTexts.Of(ref texts, field) = text;
            texts.Held |= field;
        }
    }

    private static EurekaPort ReadPort(ref EurekaJson json, bool enabledByDefault)
    {
        if (json.Next() != '{')
        {
            return new EurekaPort(ReadNumber(ref json), enabledByDefault);
        }

        json.EnterObject();
        var (number, enabled) = (0, enabledByDefault);
        var (hasNumber, hasEnabled) = (false, false);
        while (json.NextProperty())
        {
            if (json.Name.SequenceEqual("$"u8))
            {
                json.Once(ref hasNumber);
                number = ReadNumber(ref json);
            }
            else if (json.Name.SequenceEqual("@enabled"u8))
            {
                json.Once(ref hasEnabled);
                enabled = ReadFlag(ref json, enabledByDefault);
            }
            else
            {
                json.Skip();
            }
        }

        return new EurekaPort(number, enabled);
    }

    /// <summary>Reads a flag as Netflix's own clients do: some languages write the number 1, or a text with blanks. The text "1" is false
    /// there, too; null means that the flag is not set.</summary>
    private static bool ReadFlag(ref EurekaJson json, bool byDefault)
    {
        var first = json.Next();
        return json.TryReadText(out var text)
            ? first is (byte)'-' or (>= (byte)'0' and <= (byte)'9')
                ? WireNumber.TryParse(text, out var number) && number != 0
                : Ascii.EqualsIgnoreCase(text.Trim(" \t\r\n"u8), "true"u8)
            : first == 'n' && byDefault;
    }

    private static int ReadNumber(ref EurekaJson json) =>
        json.TryReadText(out var text) && WireNumber.TryParse(text, out var number) && number is >= 0 and <= int.MaxValue
            ? (int)number
            : 0;

    /// <summary>Reads the zone from the cloud's data on the machine.</summary>
    private static void ReadDataCenter(ref EurekaJson json, ref InstanceTexts texts)
    {
        if (!json.EnterObjectOrSkip())
        {
            return;
        }

        var (hasFacts, hasZone, hasId) = (false, false, false);
        while (json.NextProperty())
        {
            if (!json.Name.SequenceEqual("metadata"u8))
            {
                json.Skip();
                continue;
            }

            json.Once(ref hasFacts);
            if (!json.EnterObjectOrSkip())
            {
                continue;
            }

            while (json.NextProperty())
            {
                if (json.Name.SequenceEqual("availability-zone"u8))
                {
                    json.Once(ref hasZone);
                    ReadText(ref json, ref texts, InstanceField.DataCenter);
                }
                else if (json.Name.SequenceEqual("instance-id"u8))
                {
                    json.Once(ref hasId);
                    ReadText(ref json, ref texts, InstanceField.MachineId);
                }
                else
                {
                    json.Skip();
                }
            }
        }
    }

    private string? String(bool has, ReadOnlySpan<byte> text) => has ? memory.Texts.Get(text) : null;

    private static bool Same(string? known, bool has, ReadOnlySpan<byte> text) =>
        has == known is not null && (known is null || ReaderMemory.Same(known, text));
}
