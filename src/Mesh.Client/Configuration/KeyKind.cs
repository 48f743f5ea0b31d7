namespace Mesh.Client.Configuration;

/// <summary>What may stand at a place of the configuration.</summary>
internal enum KeyKind
{
    Section,
    Map,
    List,
    Text,
    Duration,
    WholeNumber,
    Number,
    Switch,
    Choice,

    /// <summary>Read and checked by other code.</summary>
    Foreign,
}
