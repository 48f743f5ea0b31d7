namespace Mesh.Client.Context;

/// <summary>How a <see cref="Criticality"/> is written in its header.</summary>
internal static class CriticalityNames
{
    public static string Name(this Criticality criticality) => criticality switch
    {
        Criticality.CriticalPlus => "critical-plus",
        Criticality.Critical => "critical",
        Criticality.SheddablePlus => "sheddable-plus",
        Criticality.Sheddable => "sheddable",
        _ => throw new ArgumentOutOfRangeException(nameof(criticality), criticality, "Unknown criticality."),
    };

    public static Criticality? Parse(string value) => value switch
    {
        "critical-plus" => Criticality.CriticalPlus,
        "critical" => Criticality.Critical,
        "sheddable-plus" => Criticality.SheddablePlus,
        "sheddable" => Criticality.Sheddable,
        _ => null,
    };
}
