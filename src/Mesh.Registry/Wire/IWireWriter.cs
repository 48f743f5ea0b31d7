using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

/// <summary>Writes one document of the protocol. Its callers choose the fields and their order once; only implementations know where JSON
/// and XML differ.</summary>
internal interface IWireWriter
{
    /// <summary>Opens a part with fields.</summary>
    void Begin(WireName name);

    void End();

    /// <summary>Opens a list. XML has no element for it: the items repeat their name.</summary>
    void BeginList(WireName items);

    /// <summary>Opens an item of a list.</summary>
    void BeginItem(WireName name);

    void EndList();

    void Text(WireName name, string value);

    void Number(WireName name, long value);

    /// <summary>A number that JSON carries as a string.</summary>
    void Digits(WireName name, long value);

    void Port(WireName name, PortBinding port);

    /// <summary>Writes the Java type of a part; before all its fields.</summary>
    void Class(string name);

    /// <summary>Writes one entry of a map, under an outside name.</summary>
    void Entry(string key, string value);
}
