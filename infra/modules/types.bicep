// Shapes that more than one file passes on.

@export()
type PrincipalType = 'User' | 'Group' | 'ServicePrincipal'

@export()
@description('A person, group or pipeline in Entra.')
type Principal = {
  objectId: string
  name: string
  type: PrincipalType
}
