namespace Mesh.Client;

/// <summary>How an attempt went, as far as the end of its response body if one followed the headers.</summary>
public readonly record struct CompletedAttempt
{
    internal CompletedAttempt(long micros, bool? succeeded, long now)
    {
        Micros = micros;
        Succeeded = succeeded;
        Now = now;
    }

    /// <summary>From the choice of the endpoint to the response headers, or to the failure.</summary>
    public TimeSpan Duration => TimeSpan.FromMicroseconds(Micros);

    /// <summary>False after a failure of the endpoint: a 5xx, 429, no connection, a broken one, also in the response body, no answer in time, a gRPC status that says so,
    /// or a 4xx that the other endpoints do not give as often.</summary>
    /// <value>Null when it says nothing about the endpoint: the caller gave up, or a 4xx cannot be compared yet.</value>
    public bool? Succeeded { get; }

    internal long Micros { get; }

    /// <summary>Microseconds.</summary>
    internal long Now { get; }
}
