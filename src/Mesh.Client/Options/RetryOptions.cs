namespace Mesh.Client.Options;

/// <summary>How often failed attempts are retried.</summary>
public sealed class RetryOptions
{
    /// <summary>Maximum number of retries after the first attempt.</summary>
    /// <value>Default 2; 0 to 10. 0 switches retries off.</value>
    public int? MaxRetries { get; set; }

    /// <summary>Retries allowed for each first attempt, over all calls of this process to the service (plus one per second).</summary>
    /// <value>Default 0.2; 0 to 1.</value>
    public double? BudgetRatio { get; set; }
}
