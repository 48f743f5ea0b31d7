namespace Mesh.Client.Outbound.Calls;

/// <summary>How the body of a response came to its end.</summary>
internal enum BodyEnd
{
    /// <summary>It was read to its last byte.</summary>
    Complete,

    /// <summary>It broke off, or was silent for too long: the endpoint's failure.</summary>
    Broken,

    /// <summary>The caller stopped while it waited for the next byte.</summary>
    Canceled,

    /// <summary>The caller had seen enough: nothing was awaited from the endpoint.</summary>
    Left,
}
