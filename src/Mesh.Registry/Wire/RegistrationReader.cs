using System.Text.Json;

namespace Mesh.Registry;

/// <summary>Makes an instance out of the JSON body of a registration.</summary>
internal sealed class RegistrationReader(RegistrySettings settings, TimeProvider time)
{
    private readonly RegistrationXml _xml = new(settings);

    public RegistrationReading ReadXml(byte[] xml, string app) =>
        _xml.ToJson(xml) is { } json ? ReadJson(json, app) : Refused(RegistrationProblems.Unparsable);

    public RegistrationReading ReadJson(ReadOnlyMemory<byte> json, string app)
    {
        try
        {
            using var document = JsonDocument.Parse(WireText.WithoutByteOrderMark(json));
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("instance", out var instance)
                && instance.ValueKind == JsonValueKind.Object
                    ? Read(instance, app)
                    : Refused(RegistrationProblems.Unparsable);
        }
        catch (JsonException)
        {
            return Refused(RegistrationProblems.Unparsable);
        }
    }

    /// <summary>Reads the fields of one instance, wherever it stood.</summary>
    public RegistrationReading Read(JsonElement body, string app)
    {
        var fields = new JsonFieldReader(settings);
        var draft = new RegistrationDraft();
        try
        {
            foreach (var property in body.EnumerateObject())
            {
                if (!ReadField(property.Name, property.Value, draft, fields))
                {
                    fields.Unknown(property.Value);
                }
            }
        }
        catch (InvalidOperationException)
        {
            // Text that is not valid UTF-8 or UTF-16 is found only when it is decoded.
            return Refused(RegistrationProblems.Unparsable);
        }

        // Without a body of the right form no field can be trusted; then what is missing, in the protocol's order.
        var problem = fields.Problem ?? Missing(draft, app);
        return problem is null ? new RegistrationReading(draft.ToInstance(settings, time), null) : Refused(problem);
    }

    private static string? Missing(RegistrationDraft draft, string app)
    {
        if (string.IsNullOrWhiteSpace(draft.App))
        {
            return RegistrationProblems.Unparsable;
        }

        if (string.IsNullOrWhiteSpace(draft.InstanceId) && string.IsNullOrWhiteSpace(draft.HostName))
        {
            return RegistrationProblems.NoInstanceId;
        }

        if (string.IsNullOrWhiteSpace(draft.HostName))
        {
            return RegistrationProblems.NoHostName;
        }

        if (string.IsNullOrWhiteSpace(draft.IpAddress))
        {
            return RegistrationProblems.NoIpAddress;
        }

        var claimed = draft.App.ToUpperInvariant();
        if (claimed != app)
        {
            return RegistrationProblems.AppMismatch(app, claimed);
        }

        return draft.DataCenter is null ? RegistrationProblems.NoDataCenter : null;
    }

    private static bool ReadField(string name, JsonElement value, RegistrationDraft draft, JsonFieldReader fields)
    {
        switch (name)
        {
            case "instanceId": draft.InstanceId = fields.Name(name, value); return true;
            case "hostName": draft.HostName = fields.Name(name, value); return true;
            case "app": draft.App = fields.Name(name, value); return true;
            case "ipAddr": draft.IpAddress = fields.Name(name, value); return true;
            case "appGroupName": draft.AppGroupName = fields.Name(name, value); return true;
            case "asgName": draft.AsgName = fields.Name(name, value); return true;
            case "status": draft.Status = InstanceStatusNames.Parse(fields.Scalar(value)) ?? InstanceStatus.Unknown; return true;
            case "overriddenStatus" or "overriddenstatus": draft.SetOverride(InstanceStatusNames.Parse(fields.Scalar(value))); return true;
            case "port": draft.Port = fields.Port(value, PortBinding.DefaultPlain); return true;
            case "securePort": draft.SecurePort = fields.Port(value, PortBinding.DefaultSecure); return true;
            case "countryId": draft.CountryId = fields.Int(value, draft.CountryId); return true;
            case "dataCenterInfo": draft.DataCenter = ReadDataCenter(value, fields); return true;
            case "leaseInfo": ReadLease(value, draft, fields); return true;
            case "metadata": draft.Metadata = fields.Map(name, value); return true;
            case "homePageUrl": draft.HomePageUrl = fields.Text(name, value); return true;
            case "statusPageUrl": draft.StatusPageUrl = fields.Text(name, value); return true;
            case "healthCheckUrl": draft.HealthCheckUrl = fields.Text(name, value); return true;
            case "secureHealthCheckUrl": draft.SecureHealthCheckUrl = fields.Text(name, value); return true;
            case "vipAddress": draft.VipAddress = fields.Text(name, value); return true;
            case "secureVipAddress": draft.SecureVipAddress = fields.Text(name, value); return true;
            case "lastDirtyTimestamp": draft.LastDirtyAt = fields.Long(value, 0); return true;

            // Read for their form only: the registry decides these itself.
            case "lastUpdatedTimestamp": fields.Long(value, 0); return true;
            case "isCoordinatingDiscoveryServer" or "actionType" or "sid": fields.Scalar(value); return true;
            default: return false;
        }
    }

    private static DataCenter? ReadDataCenter(JsonElement element, JsonFieldReader fields)
    {
        if (element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Object
            || !element.TryGetProperty("@class", out var type)
            || fields.Name("dataCenterInfo", type) is not { Length: > 0 } typeName)
        {
            fields.Fail(RegistrationProblems.Unparsable);
            return null;
        }

        var name = element.TryGetProperty("name", out var given) ? fields.Name("dataCenterInfo", given) : null;
        return new DataCenter(typeName, name ?? "MyOwn", element.TryGetProperty("metadata", out var map) ? fields.Map("dataCenterInfo", map) : []);
    }

    private static void ReadLease(JsonElement element, RegistrationDraft draft, JsonFieldReader fields)
    {
        if (element.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            fields.Fail(RegistrationProblems.Unparsable);
            return;
        }

        if (element.TryGetProperty("renewalIntervalInSecs", out var interval))
        {
            draft.RenewalIntervalSeconds = fields.Int(interval, 0);
        }

        if (element.TryGetProperty("durationInSecs", out var duration))
        {
            draft.DurationSeconds = fields.Int(duration, 0);
        }
    }

    private static RegistrationReading Refused(string problem) => new(null, problem);
}
