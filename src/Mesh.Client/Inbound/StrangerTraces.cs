namespace Mesh.Client;

/// <summary>What becomes of the trace context (<c>traceparent</c>, <c>tracestate</c>) that callers send who are not trusted.</summary>
public enum StrangerTraces
{
    /// <summary>The request is part of the caller's trace, and whether it is recorded follows the caller's word.</summary>
    Continue,

    /// <summary>The request begins a trace of its own, with a link to the caller's. The application sees none of the caller's headers of this kind.</summary>
    Link,
}
