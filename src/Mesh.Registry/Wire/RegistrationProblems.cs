namespace Mesh.Registry.Wire;

/// <summary>The texts of refusals. The first ones are the protocol's: clients and tests search for them.</summary>
internal static class RegistrationProblems
{
    public const string Unparsable = """{"error": "cannot parse request body"}""";
    public const string UnparsableXml = "<error><message>cannot parse request body</message></error>";
    public const string NoInstanceId = "Missing instanceId";
    public const string NoHostName = "Missing hostname";
    public const string NoIpAddress = "Missing ip address";
    public const string NoDataCenter = "Missing dataCenterInfo";

    public static string AppMismatch(string expected, string actual) => $"Mismatched appName, expecting {expected} but was {actual}";

    public static string NoSegment(string id) => $"instanceId '{id}' cannot stand in a path: no request could name the instance";

    public static string NoPortNumber(string field) => $"{field} is enabled and its number ($) is null";

    public static string TooLong(string field, int limit) =>
        $"{field} has more than {limit} characters; the limit comes from "
        + $"{RegistrySettings.SectionName}:{nameof(MeshRegistryOptions.MaxNameLength)}";

    public static string NotClean(string field) => $"{field} contains a control character or broken text";

    public static string TooMuchMetadata(int limit) =>
        $"metadata has more than {limit} bytes; the limit is {RegistrySettings.SectionName}:{nameof(MeshRegistryOptions.MaxMetadataBytes)}";

    public static string BodyTooLarge(int limit) =>
        $"The registration has more than {limit} bytes; the limit is "
        + $"{RegistrySettings.SectionName}:{nameof(MeshRegistryOptions.MaxBodyBytes)}";

    public static string Full(int limit) =>
        $"The registry holds {limit} instances already; the limit is "
        + $"{RegistrySettings.SectionName}:{nameof(MeshRegistryOptions.MaxInstances)}";
}
