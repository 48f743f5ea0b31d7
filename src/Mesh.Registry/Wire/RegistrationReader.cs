using System.Text.Json;
using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

/// <summary>Reads an instance from the JSON body of a registration.</summary>
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
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // Names with half of a surrogate pair are found only when they are compared.
            return Refused(RegistrationProblems.Unparsable);
        }
    }

    /// <summary>Reads the fields of one instance, from any document.</summary>
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
                    fields.Unknown(property.Name, property.Value);
                }
            }
        }
        catch (InvalidOperationException)
        {
            // Text that is not valid UTF-8 or UTF-16 is found only when it is decoded.
            return Refused(RegistrationProblems.Unparsable);
        }

        // Without a body of the right form no field can be trusted; after that, missing fields in the protocol's order.
        var (field, problem) = fields.Problem is { } first ? (fields.Field, first) : Missing(draft, app);
        return problem is null
            ? new RegistrationReading(draft.ToInstance(settings, time), null)
            : new RegistrationReading(null, problem, field, draft.Id);
    }

    private static (string Field, string? Problem) Missing(RegistrationDraft draft, string app)
    {
        if (string.IsNullOrWhiteSpace(draft.App))
        {
            return ("app", RegistrationProblems.Unparsable);
        }

        if (string.IsNullOrWhiteSpace(draft.InstanceId) && string.IsNullOrWhiteSpace(draft.HostName))
        {
            return ("instanceId", RegistrationProblems.NoInstanceId);
        }

        if (string.IsNullOrWhiteSpace(draft.HostName))
        {
            return ("hostName", RegistrationProblems.NoHostName);
        }

        if (string.IsNullOrWhiteSpace(draft.IpAddress))
        {
            return ("ipAddr", RegistrationProblems.NoIpAddress);
        }

        var claimed = draft.App.ToUpperInvariant();
        if (claimed != app)
        {
            return ("app", RegistrationProblems.AppMismatch(app, claimed));
        }

        if (draft.DataCenter is null)
        {
            return ("dataCenterInfo", RegistrationProblems.NoDataCenter);
        }

        // A server removes such segments from a path, so the instance could be neither renewed nor removed.
        return draft.Id is "." or ".." ? ("instanceId", RegistrationProblems.NoSegment(draft.Id)) : ("", null);
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
            case "sid": draft.Sid = fields.Name(name, value); return true;
            case "status": draft.SetStatus(fields.Scalar(name, value)); return true;
            case "overriddenStatus" or "overriddenstatus":
                draft.SetOverride(InstanceStatusNames.Parse(fields.Scalar(name, value)));
                return true;
            case "port": draft.Port = fields.Port(name, value, PortBinding.DefaultPlain); return true;
            case "securePort": draft.SecurePort = fields.Port(name, value, PortBinding.DefaultSecure); return true;
            case "countryId": draft.CountryId = fields.Int(name, value, draft.CountryId); return true;
            case "dataCenterInfo": draft.DataCenter = DataCenterReader.Read(value, fields); return true;
            case "leaseInfo": ReadLease(value, draft, fields); return true;
            case "metadata": draft.Metadata = fields.Map(name, value); return true;
            case "homePageUrl": draft.HomePageUrl = fields.Text(name, value); return true;
            case "statusPageUrl": draft.StatusPageUrl = fields.Text(name, value); return true;
            case "healthCheckUrl": draft.HealthCheckUrl = fields.Text(name, value); return true;
            case "secureHealthCheckUrl": draft.SecureHealthCheckUrl = fields.Text(name, value); return true;
            case "vipAddress": draft.VipAddress = fields.Text(name, value); return true;
            case "secureVipAddress": draft.SecureVipAddress = fields.Text(name, value); return true;
            case "lastDirtyTimestamp": draft.LastDirtyAt = fields.Long(name, value, 0); return true;

            // Read to check their form only: the registry decides these itself.
            case "lastUpdatedTimestamp": fields.Long(name, value, 0); return true;
            case "isCoordinatingDiscoveryServer" or "actionType": fields.Scalar(name, value); return true;
            default: return false;
        }
    }

    private static void ReadLease(JsonElement element, RegistrationDraft draft, JsonFieldReader fields)
    {
        if (element.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            fields.Fail("leaseInfo", RegistrationProblems.Unparsable);
            return;
        }

        if (element.TryGetProperty("renewalIntervalInSecs", out var interval))
        {
            draft.RenewalIntervalSeconds = fields.Int("leaseInfo.renewalIntervalInSecs", interval, 0);
        }

        if (element.TryGetProperty("durationInSecs", out var duration))
        {
            draft.DurationSeconds = fields.Int("leaseInfo.durationInSecs", duration, 0);
        }
    }

    private static RegistrationReading Refused(string problem) => new(null, problem);
}
