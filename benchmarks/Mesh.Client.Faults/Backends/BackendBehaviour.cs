namespace Mesh.Client.Faults.Backends;

/// <summary>How an instance of the service behaves.</summary>
internal enum BackendBehaviour
{
    /// <summary>Answers 200 after <see cref="Backend.HealthyTime"/>.</summary>
    Healthy,

    /// <summary>Nothing listens on its port: connections are refused.</summary>
    Dead,

    /// <summary>Answers 500 at once, so that it looks like the fastest instance.</summary>
    Failing,

    /// <summary>Answers 200 after <see cref="Backend.SlowTime"/>.</summary>
    Slow,

    /// <summary>Answers 503 at once.</summary>
    Unavailable,

    /// <summary>Answers 429 at once.</summary>
    TooMany,

    /// <summary>Answers 404 at once.</summary>
    NotFound,

    /// <summary>Answers 200 with <c>grpc-status: 14</c> (unavailable) in its headers at once, as a gRPC server does.</summary>
    GrpcUnavailable,

    /// <summary>As <see cref="GrpcUnavailable"/>, with <c>grpc-status: 12</c> (unimplemented).</summary>
    GrpcUnimplemented,

    /// <summary>Sends to a login page on another host at once.</summary>
    Redirecting,

    /// <summary>Sends good headers and half of a body of 100 bytes at once, and ends the connection.</summary>
    BrokenSmallBody,

    /// <summary>As <see cref="BrokenSmallBody"/>, of 64 KiB.</summary>
    BrokenLargeBody,

    /// <summary>Answers 200, one request after the other, and takes <see cref="Backend.WorkerTime"/> for each.</summary>
    Worker,

    /// <summary>As <see cref="Worker"/>, half as fast.</summary>
    HalfWorker,

    /// <summary>As <see cref="Worker"/>, a quarter as fast.</summary>
    QuarterWorker,
}
