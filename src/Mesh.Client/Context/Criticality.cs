namespace Mesh.Client;

/// <summary>How much it matters that a request is answered while there is too much to do. What matters least is shed first.</summary>
public enum Criticality
{
    /// <summary>Shed last: its failure is seen by users at once and cannot be made up for.</summary>
    CriticalPlus,

    /// <summary>User traffic. The default of every request that does not say otherwise.</summary>
    Critical,

    /// <summary>Its failure is noticed but bearable, such as a part of a page.</summary>
    SheddablePlus,

    /// <summary>It can be done later. The default of background work.</summary>
    Sheddable,
}
