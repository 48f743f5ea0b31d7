namespace Mesh.Client.Model;

/// <summary>The retry settings in force for a service.</summary>
internal sealed record RetryPolicy(int MaxRetries, double BudgetRatio);
