namespace Storefront.Controls;

/// <summary>How an instance misbehaves.</summary>
internal enum FaultMode
{
    None,

    /// <summary>Each answer takes <see cref="DemoMiddleware.SlowBy"/> longer.</summary>
    Slow,

    /// <summary>Each answer is a 500.</summary>
    Failing,
}
