namespace Mesh.Client.Outbound.Calls;

/// <summary>How the body of a response ended.</summary>
internal enum BodyEnd
{
    /// <summary>It was read to its last byte.</summary>
    Complete,

    /// <summary>It broke off, or was silent for too long: the endpoint's failure.</summary>
    Broken,

    /// <summary>The caller stopped while waiting for the next byte.</summary>
    Canceled,

    /// <summary>The caller had read enough: it was not waiting for the endpoint.</summary>
    Left,
}
