using System.Text.Json;
using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

/// <summary>
/// Reads the data centre of an instance. A real server maps it to a type and refuses whatever that type does not know; what is accepted
/// here must be accepted there, or a peer refuses it.
/// </summary>
internal static class DataCenterReader
{
    private const string OwnClassInJava = "com.netflix.appinfo.MyDataCenterInfo";
    private const string Whole = "dataCenterInfo";
    private const string ClassField = Whole + ".@class";
    private const string NameField = Whole + ".name";
    private const string MetadataField = Whole + ".metadata";

    public static DataCenter? Read(JsonElement element, JsonFieldReader fields)
    {
        if (element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            fields.Fail(Whole, RegistrationProblems.Unparsable);
            return null;
        }

        switch (element.TryGetProperty("@class", out var type) ? fields.Name(ClassField, type) : null)
        {
            case DataCenter.OwnClass or OwnClassInJava:
                return ReadOwn(element, fields);
            case DataCenter.AmazonClass:
                return ReadAmazon(element, fields);
            default:
                fields.Fail(ClassField, RegistrationProblems.Unparsable);
                return null;
        }
    }

    private static DataCenter ReadOwn(JsonElement element, JsonFieldReader fields)
    {
        string? name = null;
        foreach (var part in element.EnumerateObject())
        {
            if (part.NameEquals("name"u8))
            {
                name = fields.Name(NameField, part.Value);
            }
            else if (!part.NameEquals("@class"u8))
            {
                fields.Fail(Whole, RegistrationProblems.Unparsable);
            }
        }

        if (name is not (null or DataCenter.OwnName or DataCenter.AmazonName or "Netflix"))
        {
            fields.Fail(NameField, RegistrationProblems.Unparsable);
        }

        return new DataCenter(DataCenter.OwnClass, name ?? DataCenter.OwnName, []);
    }

    private static DataCenter? ReadAmazon(JsonElement element, JsonFieldReader fields)
    {
        if (!element.TryGetProperty("metadata", out var metadata) || metadata.ValueKind == JsonValueKind.Null)
        {
            fields.Fail(MetadataField, RegistrationProblems.Unparsable);
            return null;
        }

        return new DataCenter(DataCenter.AmazonClass, DataCenter.AmazonName, fields.Map(MetadataField, metadata));
    }
}
