namespace Storefront.Roles;

/// <summary>The names of the roles, which are also the names of the services.</summary>
internal static class Role
{
    /// <summary>The first argument of a process that plays a role; the role's name follows.</summary>
    public const string Argument = "role";

    public const string Registry = "registry";

    public const string Catalog = "catalog";

    public const string Orders = "orders";

    public const string Storefront = "storefront";
}
