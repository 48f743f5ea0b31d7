namespace Mesh.Client.Options;

/// <summary>How the trace context (<c>traceparent</c>, <c>tracestate</c>) of untrusted callers is treated.</summary>
public enum UntrustedTraceContext
{
    /// <summary>The request is part of the caller's trace and follows its sampling flag.</summary>
    Continue,

    /// <summary>The request begins a trace of its own, with a link to the caller's. The application does
    /// not see the caller's trace headers.</summary>
    Link,
}
