using Mesh.Registry.Instances;

namespace Mesh.Registry.Wire;

/// <summary>Writes one document of the protocol. The order and choice of fields is said once; where
/// JSON and XML differ is known here only.</summary>
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

    /// <summary>The Java type of a part; before all its fields.</summary>
    void Class(string name);

    /// <summary>One entry of a map, under a name that came from outside.</summary>
    void Entry(string key, string value);
}
