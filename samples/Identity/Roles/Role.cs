namespace Identity.Roles;

/// <summary>The names of the roles. Those of services are also the audiences of tokens for them.</summary>
internal static class Role
{
    public const string Issuer = "issuer";

    public const string Storefront = "storefront";

    public const string Orders = "orders";

    public const string Payments = "payments";

    /// <summary>A service that records what arrives; it may have the user's token.</summary>
    public const string Audit = "audit";

    /// <summary>Another recorder, outside of this mesh.</summary>
    public const string Stranger = "stranger";
}
