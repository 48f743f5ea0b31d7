namespace Storefront.Driver;

/// <summary>One finished call: the scene in which it was due, when it ended on the demo's clock, and how long the caller waited.</summary>
internal readonly record struct CallRecord(int Scene, CallKind Kind, TimeSpan Ended, double Milliseconds, bool Succeeded);
